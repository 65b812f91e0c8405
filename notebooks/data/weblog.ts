import { int, rng, shuffle, weighted } from "./random.ts";

const urls =
  "/ /index.html /products /products/books /products/music /cart /checkout /login /search /help /about /blog /blog/spark /blog/flink /api/orders /api/users /static/app.js /static/app.css /favicon.ico /robots.txt".split(
    " ",
  );
/** The page of rank n is asked for 1/n times as often as the first (Zipf's law). */
const urlWeights = urls.map((_, rank) => 1 / (rank + 1));
const statuses = [200, 304, 404, 500];
const statusWeights = [88, 6, 5, 1];

/** Lines of a web server's log in the combined format, eight seconds apart from 2024-03-01; `bad` of them are cut short. */
export function weblog(count = 10_000, bad = 100): string[] {
  const random = rng(6);
  const numbers = Array.from({ length: count }, (_, i) => i);
  const cut = new Set(shuffle(rng(60), numbers).slice(0, bad));
  return numbers.map((i) => {
    const time = new Date(Date.UTC(2024, 2, 1) + i * 8000).toISOString();
    const address = `10.0.${int(random, 4)}.${1 + int(random, 250)}`;
    const url = urls.at(weighted(random, urlWeights))!;
    const status = statuses.at(weighted(random, statusWeights))!;
    const bytes = status === 304 ? "-" : 200 + int(random, 20_000);
    const at = `${time.slice(8, 10)}/Mar/2024:${time.slice(11, 19)} +0000`;
    const line = `${address} - - [${at}] "GET ${url} HTTP/1.1" ${status} ${bytes} "-" "book/1.0"`;
    return cut.has(i) ? line.slice(0, 9 + (i % 17)) : line;
  });
}

import { Session } from "node:inspector";
import type { MimeBundle } from "../../display/mimebundle.ts";
import { helpBundle } from "../../magics/help.ts";
import { loadMagic } from "../../magics/index.ts";
import { inspect } from "./inspect.ts";
import { postTo } from "./inspector-post.ts";

/** What `%sql?`, `value?` and `value??` show: a magic's help, or what is known of a value; level 1 adds its source. */
export async function findHelp(topic: string, level: 0 | 1, scopes: string): Promise<MimeBundle> {
  if (topic.startsWith("%")) return helpBundle(await loadMagic(topic.replace(/^%+/, "")));
  const session = new Session();
  session.connect();
  try {
    const found = await inspect(postTo(session), scopes, topic, topic.length, level);
    if (found.found) return { data: found.data, metadata: {} };
    return { data: { "text/plain": `No such name: ${topic}` }, metadata: {} };
  } finally {
    session.disconnect();
  }
}

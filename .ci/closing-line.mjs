// Adds up vitest's JSON reports into one closing line; exits with 1 when something failed or no test ran.
import { readFileSync } from "node:fs";

/** Stands for a run that did not get as far as a report. */
const noReport = { numPassedTests: 0, numFailedTests: 1, numPendingTests: 0, numTodoTests: 0, testResults: [] };

const reports = process.argv.slice(2).map((path) => {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return noReport;
  }
});
const sum = (count) => reports.reduce((total, report) => total + count(report), 0);
/** A file that fails before its tests begin has no failed test, yet it has failed. */
const brokenFiles = ({ testResults }) =>
  testResults.filter(
    (file) => file.status === "failed" && !file.assertionResults.some((one) => one.status === "failed"),
  ).length;

const passed = sum((report) => report.numPassedTests);
const failed = sum((report) => report.numFailedTests + brokenFiles(report));
const skipped = sum((report) => report.numPendingTests + report.numTodoTests);
console.log(`tests: ${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;

"""What `papermill --help-notebook` reads from a parameters cell."""

import unittest

from typhoon_papermill.declarations import find_declarations


def read(source):
    return [tuple(found) for found in find_declarations(source)]


class Declarations(unittest.TestCase):
    def test_type_value_and_comment(self):
        self.assertEqual(
            read("const n: number = 5 // how many\nlet region = 'west'; // where\nexport var on = true"),
            [
                ("n", "number", "5", "how many"),
                ("region", "string", "'west'", "where"),
                ("on", "boolean", "true", ""),
            ],
        )

    def test_types_of_literals(self):
        values = ["-1.5e3", "0xff", "10n", '"a"', "`a`", "false", "null", "new Date(0)", "[1]", "f()"]
        source = "\n".join(f"let v = {value}" for value in values)
        self.assertEqual(
            [kind for _, kind, _, _ in read(source)],
            ["number", "number", "bigint", "string", "string", "boolean", "null", "Date", None, None],
        )

    def test_annotations_with_signs_of_their_own(self):
        source = """const f: (x: number) => string = (x) => `${x}`
const m: Map<string, Array<number>> = new Map<string, Array<number>>()
const o: { a: number; b?: string } = { a: 1 }
const u: "a" | "b" = "a"
"""
        self.assertEqual(
            [found[:3] for found in read(source)],
            [
                ("f", "(x: number) => string", "(x) => `${x}`"),
                ("m", "Map<string, Array<number>>", "new Map<string, Array<number>>()"),
                ("o", "{ a: number; b?: string }", "{ a: 1 }"),
                ("u", '"a" | "b"', '"a"'),
            ],
        )

    def test_several_variables_and_several_lines(self):
        source = """/** The cities
 *  of the report. */
const cities = [
  "Ulm", // in the south
  "Bonn",
]
let a = 1, b: string = "x, y = z // no comment"
let sum =
  1 +
  2
"""
        self.assertEqual(
            read(source),
            [
                ("cities", None, '[ "Ulm", "Bonn", ]', "The cities of the report."),
                ("a", "number", "1", ""),
                ("b", "string", '"x, y = z // no comment"', ""),
                ("sum", None, "1 + 2", ""),
            ],
        )

    def test_what_is_no_parameter_is_left_out(self):
        source = """import { x } from "y"
const { a, b } = c
let later: number
function f() { const inner = 1 }
for (let i = 0; i < 3; i++) { let j = 1 }
// const not = 1
const text = "const no = 2"
const pattern = /"'`;/g
const last = 1"""
        self.assertEqual([found[0] for found in read(source)], ["text", "pattern", "last"])

    def test_any_text_is_read_without_an_error(self):
        for source in ["", "const", "let = 5", "const a = (", "const s = 'open", "}}} let a = 1", "let 1a = 2", "/", "\\", "`"]:
            read(source)


if __name__ == "__main__":
    unittest.main()

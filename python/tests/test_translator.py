"""The cell of TypeScript that papermill injects."""

import unittest

import papermill
from papermill.exceptions import PapermillException
from papermill.translators import papermill_translators
from typhoon_papermill.translator import TypeScriptTranslator


def cell(**parameters):
    return TypeScriptTranslator.codify(parameters)


def declaration(value):
    return cell(v=value).splitlines()[1]


class Translator(unittest.TestCase):
    def test_papermill_finds_it(self):
        for kernel, language in [("typhoon", "typescript"), ("typhoon", "x"), ("mine", "typescript")]:
            self.assertIs(papermill_translators.find_translator(kernel, language), TypeScriptTranslator)
        self.assertEqual(papermill.engines.papermill_engines.get_engine("typhoon").__name__, "TyphoonEngine")

    def test_scalars(self):
        for value, expected in [
            (None, "let v: null = null;"),
            (True, "let v: boolean = true;"),
            (5, "let v: number = 5;"),
            (-5, "let v: number = -5;"),
            (2**53 - 1, "let v: number = 9007199254740991;"),
            (2**53, "let v: bigint = 9007199254740992n;"),
            (-(2**70), f"let v: bigint = -{2**70}n;"),
            (0.1, "let v: number = 0.1;"),
            (1e300, "let v: number = 1e+300;"),
            (float("nan"), "let v: number = NaN;"),
            (float("inf"), "let v: number = Infinity;"),
            (float("-inf"), "let v: number = -Infinity;"),
        ]:
            self.assertEqual(declaration(value), expected)

    def test_strings(self):
        for value, expected in [
            ("a\"b'c`d", '"a\\"b\'c`d"'),
            ("${x} \\n", '"${x} \\\\n"'),
            ("two\nlines\r\n", '"two\\nlines\\r\\n"'),
            ("größe 漢字 👩‍💻", '"größe 漢字 👩‍💻"'),
            ("\x00\x1b\x7f\u2028\u2029\u202e\ufeff", '"\\u0000\\u001b\\u007f\\u2028\\u2029\\u202e\\ufeff"'),
            ("\ud83d", '"\\ud83d"'),
        ]:
            self.assertEqual(declaration(value), f"let v: string = {expected};")

    def test_lists_and_dicts(self):
        for value, expected in [
            ([], "let v: unknown[] = [];"),
            ([1, 2.5], "let v: number[] = [1, 2.5];"),
            ((1, "a", None), 'let v: (number | string | null)[] = [1, "a", null];'),
            ([["a"], ["b"]], 'let v: string[][] = [["a"], ["b"]];'),
            ([{"a": 1}], 'let v = [{ "a": 1 }];'),
            ({}, "let v = {};"),
            ({"a b": [True], "c": {"d": None}}, 'let v = { "a b": [true], "c": { "d": null } };'),
            ({"__proto__": 1, 2: 3, True: 4}, 'let v = { ["__proto__"]: 1, "2": 3, "true": 4 };'),
        ]:
            self.assertEqual(declaration(value), expected)

    def test_the_cell(self):
        self.assertEqual(cell(a=1, größe="x"), '// Parameters\nlet a: number = 1;\nlet größe: string = "x";\n')
        self.assertEqual(TypeScriptTranslator.codify({}, "one\ntwo"), "// one\n// two\n")

    def test_what_cannot_be_declared_is_refused_with_the_reason(self):
        for name in ["my-name", "1a", "", "a b", "class", "let", "x;y"]:
            with self.assertRaisesRegex(PapermillException, "cannot be the name of a parameter"):
                TypeScriptTranslator.codify({name: 1})
        with self.assertRaisesRegex(PapermillException, "a parameter of type set cannot be given"):
            cell(v={1})


if __name__ == "__main__":
    unittest.main()

"""Values of papermill as TypeScript declarations."""

import json
import math
import unicodedata

from papermill.exceptions import PapermillException
from papermill.models import Parameter
from papermill.translators import Translator

from .declarations import NAME, find_declarations

# The largest integer that a `number` holds exactly, and so does every one below it.
MAX_SAFE_INTEGER = 2**53 - 1

RESERVED = set(
    "arguments await break case catch class const continue debugger default delete do else enum eval export extends "
    "false finally for function if implements import in instanceof interface let new null package private protected "
    "public return static super switch this throw true try typeof undefined var void while with yield".split()
)


class TypeScriptTranslator(Translator):
    """Translates parameters to a cell of `let` declarations, and reads those of a notebook."""

    @classmethod
    def translate(cls, val):
        """Writes a value as a TypeScript expression; what JSON has no form for is refused, as papermill cannot save it."""
        if isinstance(val, tuple):
            val = list(val)
        if val is None or isinstance(val, (bool, int, float, str, list, dict)):
            return super().translate(val)
        raise PapermillException(
            f"a parameter of type {type(val).__name__} cannot be given to a notebook: "
            "give None, a bool, int, float, str, list or dict (a date as text: new Date(text) reads it)"
        )

    @classmethod
    def translate_none(cls, val):
        return "null"

    @classmethod
    def translate_int(cls, val):
        """An integer that a `number` would round is a `bigint`."""
        return f"{int(val)}" if abs(val) <= MAX_SAFE_INTEGER else f"{int(val)}n"

    @classmethod
    def translate_float(cls, val):
        if math.isnan(val):
            return "NaN"
        if math.isinf(val):
            return "Infinity" if val > 0 else "-Infinity"
        return repr(float(val))

    @classmethod
    def translate_str(cls, val):
        """A JSON string is a string of TypeScript; what cannot be seen or saved is escaped."""
        return "".join(map(escape, json.dumps(str(val), ensure_ascii=False)))

    @classmethod
    def translate_list(cls, val):
        return f"[{', '.join(map(cls.translate, val))}]"

    @classmethod
    def translate_dict(cls, val):
        """Keys are computed where plain ones would mean something else (`__proto__`)."""
        pairs = [(cls.translate_str(json_key(key)), cls.translate(item)) for key, item in val.items()]
        written = [f"{'[' + key + ']' if key == PROTO else key}: {item}" for key, item in pairs]
        return f"{{ {', '.join(written)} }}" if written else "{}"

    @classmethod
    def comment(cls, cmt_str):
        return "\n".join(f"// {line}".strip() for line in cmt_str.splitlines() or [""])

    @classmethod
    def assign(cls, name, str_val):
        """Declares a parameter; `let`, since a notebook may assign to its parameters."""
        if not NAME.fullmatch(name):
            raise PapermillException(f'"{name}" cannot be the name of a parameter: it is no name of TypeScript')
        if name in RESERVED:
            raise PapermillException(f'"{name}" cannot be the name of a parameter: TypeScript keeps the word for itself')
        return f"let {name} = {str_val};"

    @classmethod
    def codify(cls, parameters, comment="Parameters"):
        lines = [cls.comment(comment)]
        for name, value in parameters.items():
            kind = type_of(value)
            declaration = cls.assign(name, cls.translate(value))
            lines.append(declaration if kind is None else declaration.replace(" =", f": {kind} =", 1))
        return "\n".join(lines) + "\n"

    @classmethod
    def inspect(cls, parameters_cell):
        """Lists the declarations of the parameters cell, for `papermill --help-notebook`."""
        return [
            Parameter(name=found.name, inferred_type_name=found.type or "None", default=found.value, help=found.help)
            for found in find_declarations(parameters_cell["source"])
        ]


PROTO = '"__proto__"'


def type_of(value):
    """The type to declare, or None where the literal itself says more than a type could (objects)."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int) and abs(value) > MAX_SAFE_INTEGER:
        return "bigint"
    if isinstance(value, (int, float)):
        return "number"
    if isinstance(value, str):
        return "string"
    if not isinstance(value, (list, tuple)):
        return None
    kinds = list(dict.fromkeys(map(type_of, value)))
    if None in kinds:
        return None
    if not kinds:
        return "unknown[]"
    return f"{kinds[0]}[]" if len(kinds) == 1 else f"({' | '.join(kinds)})[]"


def json_key(key):
    """A dict's key as JSON has it: the notebook's metadata keep the parameters as JSON."""
    return key if isinstance(key, str) else next(iter(json.loads(json.dumps({key: 0}))))


def escape(char):
    """Escapes what is invisible or has no UTF-8: controls, directions, line separators, lone surrogates."""
    if unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Zl", "Zp") or char == "\u200d":
        return char
    utf16 = char.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{utf16[at]:02x}{utf16[at + 1]:02x}" for at in range(0, len(utf16), 2))

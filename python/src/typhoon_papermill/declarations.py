"""Finds the variables that a TypeScript cell declares, with type, value and comment."""

import re
from typing import Iterator, NamedTuple, Optional

TOKEN = re.compile(
    r"""(?P<comment>//[^\n]*|/\*.*?\*/)
      | (?P<string>"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`)
      | (?P<word>[\w$]+(?:\.\d+)?)
      | (?P<newline>\n)
      | (?P<space>[^\S\n]+)
      | (?P<sign>=>|[=!]==?|[<>]=|\?\?|\?\.|&&|\|\||\*\*|.)""",
    re.VERBOSE | re.DOTALL,
)
REGEX = re.compile(r"/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n\[])+/\w*")
# A line that ends in one of these, or a next one that begins so, goes on.
OPEN_ENDS = set("= => + - * ** / % & && | || ?? ? : , . ?. < > ! ~ ^ == === != !== <= >= ( [ {".split())
OPEN_STARTS = OPEN_ENDS - set("! ~ ( [ {".split()) | set(") ] }".split())
NAME = re.compile(r"(?:[^\W\d]|\$)[\w$]*")
OPENING, CLOSING = set("([{"), set(")]}")


class Token(NamedTuple):
    kind: str
    text: str


class Declaration(NamedTuple):
    """One variable; `type` is None where neither an annotation nor a literal tells."""

    name: str
    type: Optional[str]
    value: str
    help: str


def find_declarations(source: str) -> "list[Declaration]":
    """Returns the variables declared at the cell's top level; what it cannot read it leaves out."""
    found = []
    for statement, help_text in statements(list(tokens(source.replace("\r\n", "\n")))):
        words = [token for token in statement if token.kind not in ("space", "newline", "comment")]
        keyword = next((at for at, token in enumerate(words[:2]) if token.text in ("const", "let", "var")), None)
        if keyword is None or (keyword == 1 and words[0].text != "export"):
            continue
        start = next(at for at, token in enumerate(statement) if token is words[keyword])
        for part in declarators(statement[start + 1 :]):
            declaration = to_declaration(part, help_text)
            if declaration is not None:
                found.append(declaration)
    return found


def declarators(statement: "list[Token]") -> "list[list[Token]]":
    """Splits `a = 1, b: T = 2` at its commas; those of type arguments in a value (`new Map<K, V>()`) split nothing."""
    parts: "list[list[Token]]" = []
    for part in split(statement, ","):
        if parts and len(split(part, "=")) == 1 and not NAME.fullmatch(text_of(part)):
            parts[-1] += [Token("sign", ","), *part]
        else:
            parts.append(part)
    return parts


def tokens(source: str) -> "Iterator[Token]":
    at, before = 0, ""
    while at < len(source):
        # A slash begins a regular expression wherever a value can begin.
        value_follows = before in ("", "return", "typeof") or before in OPEN_ENDS
        regex = REGEX.match(source, at) if value_follows else None
        match = regex or TOKEN.match(source, at)
        kind = "string" if regex else match.lastgroup
        yield Token(kind, match.group())
        at = match.end()
        if kind in ("word", "string", "sign"):
            before = match.group()


def statements(all_tokens: "list[Token]") -> "Iterator[tuple[list[Token], str]]":
    """Splits at semicolons and at line ends where no expression goes on; with the comment that tells what each is for."""
    statement, depth, documentation = [], 0, ""
    at = 0
    while at < len(all_tokens):
        token = all_tokens[at]
        at += 1
        if not statement and token.kind == "comment" and token.text.startswith("/**"):
            documentation = comment_text(token.text)
        if not statement and token.kind in ("space", "newline", "comment"):
            continue
        if token.kind == "sign":
            depth += (token.text in OPENING) - (token.text in CLOSING)
        ends = depth <= 0 and (token.text == ";" or (token.kind == "newline" and not goes_on(statement, all_tokens[at:])))
        if not ends:
            statement.append(token)
            continue
        yield statement, trailing_comment(statement, all_tokens[at:] if token.text == ";" else []) or documentation
        statement, depth, documentation = [], 0, ""
    if statement:
        yield statement, trailing_comment(statement, []) or documentation


def goes_on(statement: "list[Token]", rest: "list[Token]") -> bool:
    last = next((token for token in reversed(statement) if token.kind not in ("space", "newline", "comment")), None)
    following = next((token for token in rest if token.kind not in ("space", "newline", "comment")), None)
    if last is None:
        return False
    return last.text in OPEN_ENDS or (following is not None and following.text in OPEN_STARTS)


def trailing_comment(statement: "list[Token]", rest: "list[Token]") -> str:
    """The comment at the end of the statement's last line, also behind its semicolon."""
    for token in rest:
        if token.kind == "comment":
            return comment_text(token.text)
        if token.kind != "space":
            return ""
    for token in reversed(statement):
        if token.kind == "comment":
            return comment_text(token.text)
        if token.kind != "space":
            return ""
    return ""


def comment_text(comment: str) -> str:
    lines = re.sub(r"^//|^/\*+|\*+/$", "", comment).split("\n")
    return " ".join(filter(None, (re.sub(r"^\s*\*?\s*", "", line).strip() for line in lines)))


def split(part: "list[Token]", sign: str) -> "list[list[Token]]":
    """Splits at a sign outside of brackets; left of the `=`, in an annotation, `<` and `>` are brackets too."""
    pieces: "list[list[Token]]" = [[]]
    depth, angle, in_type = 0, 0, True
    for token in part:
        if token.kind == "sign":
            depth += (token.text in OPENING) - (token.text in CLOSING)
            if in_type and token.text in ("<", ">"):
                angle += 1 if token.text == "<" else -1
            if depth == 0 and angle == 0 and token.text == "=":
                in_type = False
            if depth == 0 and angle == 0 and token.text == sign:
                pieces.append([])
                in_type = sign == ","
                continue
        pieces[-1].append(token)
    return pieces


def to_declaration(part: "list[Token]", help_text: str) -> Optional[Declaration]:
    left, *right = split(part, "=")
    name, *annotation = split(left, ":")
    if not right or not NAME.fullmatch(text_of(name)):
        return None
    value = "=".join(text_of(piece) for piece in right)
    kind = ":".join(text_of(piece) for piece in annotation) or literal_type(value)
    return Declaration(text_of(name), kind or None, value, help_text)


def text_of(part: "list[Token]") -> str:
    """The source without comments and line breaks; strings stay as they are."""
    text = ""
    for kind, token in part:
        if kind == "comment":
            continue
        space = kind in ("space", "newline")
        text += token if not space else "" if text.endswith(" ") else " "
    return text.strip()


LITERALS = [
    (r"-?(?:\d[\d_]*|0x[\da-f_]+)n", "bigint"),
    (r"-?(?:0[xob][\da-f_]+|(?:\d[\d_]*\.?[\d_]*|\.\d+)(?:e[+-]?\d+)?|Infinity|NaN)", "number"),
    (r"\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'|`(?:\\.|[^`\\])*`", "string"),
    (r"true|false", "boolean"),
    (r"null", "null"),
]


def literal_type(value: str) -> "str | None":
    """The type of a literal, or of `new Name(…)`."""
    made = re.match(r"new ([\w$.]+)\(", value)
    if made:
        return made.group(1)
    return next((kind for form, kind in LITERALS if re.fullmatch(form, value, re.IGNORECASE | re.DOTALL)), None)

"""jupyter_kernel_test's whole suite, all optional parts on."""

import unittest

import jupyter_kernel_test


class TyphoonTests(jupyter_kernel_test.KernelTests):
    kernel_name = "typhoon"
    language_name = "typescript"
    file_extension = ".ts"
    code_hello_world = "console.log('hello, world')"
    code_stderr = "console.error('oops')"
    completion_samples = [
        {"text": "consol", "matches": {"console"}},
        {"text": "Math.flo", "matches": {"Math.floor"[5:]}},
    ]
    complete_code_samples = ["1 + 1", "let x = 1", "function f() { return 1 }", "%sh ls"]
    incomplete_code_samples = ["function f() {", "const x = `abc", "/* abc", "const y ="]
    invalid_code_samples = ["a b c", "const = 1", "}"]
    code_page_something = "%sh?"
    code_generate_error = "throw new Error('oops')"
    code_execute_result = [
        {"code": "1+2+3", "result": "6"},
        {"code": "[1, 2].map((n) => n * n)", "result": "[ 1, 4 ]"},
    ]
    code_display_data = [
        {"code": "display.html('<b>hi</b>')", "mime": "text/html"},
        {"code": "display.markdown('**hi**')", "mime": "text/markdown"},
        {"code": "display.svg('<svg xmlns=\"http://www.w3.org/2000/svg\"/>')", "mime": "image/svg+xml"},
        {"code": "display.latex('$x$')", "mime": "text/latex"},
    ]
    code_history_pattern = "1?2*"
    supported_history_operations = ("tail", "range", "search")
    code_inspect_sample = "Math.floor"
    code_clear_output = "display.clear()"


class TyphoonWelcomeTests(jupyter_kernel_test.IopubWelcomeTests):
    kernel_name = "typhoon"
    support_iopub_welcome = True


if __name__ == "__main__":
    unittest.main(verbosity=2)

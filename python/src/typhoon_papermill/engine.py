"""What papermill loads by itself: an engine, whose import registers the translator.

Translators have no entry point of their own, engines do. The engine runs notebooks as papermill's default one does; there is
no need to name it.
"""

from papermill.engines import NBClientEngine
from papermill.translators import papermill_translators

from .translator import TypeScriptTranslator


class TyphoonEngine(NBClientEngine):
    """papermill's default engine under the name `typhoon`."""


# papermill looks for the kernelspec's name first, then for the language: that finds kernelspecs of other names.
papermill_translators.register("typhoon", TypeScriptTranslator)
papermill_translators.register("typescript", TypeScriptTranslator)

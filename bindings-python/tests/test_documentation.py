"""Every example in the documentation runs, and every call has one."""

import doctest
import importlib
import inspect
import unittest

import built  # noqa: F401
import shortlist

PARSER = doctest.DocTestParser()
WITHOUT = {"is_read_only", "closed"}


def examples():
    """Each documented object once: the modules, their classes, and what these have."""
    modules = [shortlist, *(importlib.import_module(f"shortlist.{name}") for name in ("aio", "errors", "answers", "events", "postgres", "requests"))]
    for module in modules:
        yield module.__name__, module
    for name in dir(shortlist):
        kind = getattr(shortlist, name)
        if inspect.isclass(kind):
            yield name, kind
            for member in vars(kind):
                yield f"{name}.{member}", getattr(kind, member, None)


class Documentation(unittest.TestCase):
    def test_examples(self):
        runner, count = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS), 0
        for name, value in examples():
            doc = getattr(value, "__doc__", None)
            if not isinstance(doc, str) or ">>>" not in doc:
                continue
            failures = []
            test = PARSER.get_doctest(inspect.cleandoc(doc), {}, name, None, 0)
            runner.run(test, out=failures.append)
            self.assertEqual([], failures, name)
            count += 1
        self.assertGreater(count, 30)

    def test_every_call_of_an_engine_has_an_example(self):
        for name, value in vars(shortlist.Engine).items():
            if not name.startswith("_") and name not in WITHOUT:
                self.assertIn(">>>", getattr(shortlist.Engine, name).__doc__ or "", name)

    def test_everything_public_says_what_it_is(self):
        for name in dir(shortlist):
            value = getattr(shortlist, name)
            if inspect.isclass(value) and not name.startswith("_"):
                self.assertTrue(value.__doc__, name)
                for member, inner in vars(value).items():
                    if not member.startswith("_") and (inspect.isroutine(inner) or inspect.isdatadescriptor(inner)):
                        self.assertTrue(inner.__doc__, f"{name}.{member}")


if __name__ == "__main__":
    unittest.main()

"""The examples run."""

import importlib.util
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import built
import sample

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"


class Examples(unittest.TestCase):
    def test_the_notebook_runs_from_top_to_bottom(self):
        command = [sys.executable, EXAMPLES / "notebook.py", built.SAMPLE / "profiles.jsonl", built.SAMPLE / "profiles.f32", "32"]
        done = subprocess.run(command, capture_output=True, text=True)
        self.assertEqual(0, done.returncode, done.stderr)
        self.assertIn("240 profiles", done.stdout)
        self.assertIn("did you mean `minRating`?", done.stdout)

    @unittest.skipIf(importlib.util.find_spec("fastapi") is None or importlib.util.find_spec("httpx") is None, "fastapi is not installed")
    def test_the_service_answers(self):
        from fastapi.testclient import TestClient

        with tempfile.TemporaryDirectory() as folder:
            with sample.engine() as engine:
                engine.snapshot(folder)
                expected = engine.search(text="cash").ids
            os.environ["SHORTLIST_INDEX"] = folder
            self.addCleanup(os.environ.pop, "SHORTLIST_INDEX")
            spec = importlib.util.spec_from_file_location("service", EXAMPLES / "service.py")
            service = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(service)
            with TestClient(service.app) as client:
                found = client.post("/search", json={"text": "cash"})
                self.assertEqual((200, expected), (found.status_code, [hit["id"] for hit in found.json()["hits"]]))
                self.assertGreater(len(client.post("/match", json={"maxBudget": 300}).json()["matches"]), 3)
                refused = client.post("/search", json={"limit": 0})
                self.assertEqual((400, "SL1003", "limit"), (refused.status_code, refused.json()["code"], refused.json()["field"]))
                self.assertEqual(204, client.patch(f"/advisors/{expected[0]}", json={"bio": "new"}).status_code)
                self.assertEqual("new", client.get(f"/advisors/{expected[0]}").json()["bio"])
                self.assertEqual(404, client.get("/advisors/nobody").status_code)
                self.assertEqual(404, client.patch("/advisors/nobody", json={"bio": "x"}).status_code)


if __name__ == "__main__":
    unittest.main()

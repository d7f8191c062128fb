"""`plotbridge plots` makes the configured plots at our endpoint and at Chart Studio, and a stream whose plot has lost its
token gets it back."""

import base64
import json
import os
import subprocess
import tempfile
import threading
import unittest
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from support.bridge_test import BridgeTest
from support.daemon import PROGRAM, get
from support.waiting import PATIENCE, free_port, wait_until

PLOTS = """
streams:
  - {name: boiler, token: abcdefghij}
plots:
  - name: Boiler room
    layout: {title: {text: Boiler room}}
    traces:
      - {stream: boiler, max_points: 200, type: scatter, mode: lines}
      - {stream: {token: klmnopqrst}, type: bar}
"""


class ChartStudio(ThreadingHTTPServer):
    """The REST interface, version 2, as far as it is needed; remembers what it was asked."""

    def __init__(self, files=(), refuse_replacing=False, odd=None):
        """`odd(request)`, if it answers, is a status and the body to send in place of the right one."""
        self.files, self.refuse_replacing, self.odd = dict(files), refuse_replacing, odd
        self.requests = []
        super().__init__(("127.0.0.1", 0), Answer)
        self.url = f"http://127.0.0.1:{self.server_port}"
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()

    def stop(self):
        self.shutdown()
        self.server_close()


class Answer(BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def answer(self, status, body):
        text = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def handle_any(self):
        body = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))) or b"null")
        self.server.requests.append((self.command, self.path, body, dict(self.headers)))
        known = self.headers["Authorization"] == "Basic " + base64.b64encode(b"plant:apikey").decode()
        if not known:
            return self.answer(401, {"errors": [{"message": "wrong key"}]})
        if odd := self.server.odd and self.server.odd(self):
            return self.answer(*odd)
        if self.command == "GET":
            fid = self.server.files.get(self.path.split("path=")[1])
            return self.answer(200, {"fid": fid}) if fid else self.answer(404, {"errors": []})
        if self.command == "PUT" and self.server.refuse_replacing:
            return self.answer(403, {"errors": [{"message": "not yours"}]})
        file = {"fid": "plant:11" if "grid" in self.path else "plant:12", "web_url": "https://plotly.example.com/~plant/12"}
        if "grids" in self.path:
            file["cols"] = [{"name": name, "uid": f"c{i:05}"} for i, name in enumerate(body["data"]["cols"])]
        return self.answer(200 if self.command == "PUT" else 201, {"file": file})

    do_GET = do_POST = do_PUT = handle_any


class Plots(BridgeTest):
    def plots(self, config):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "plotbridge.yaml"
            path.write_text("version: 1\n" + config)
            return subprocess.run([PROGRAM, "plots", "-c", path], capture_output=True, text=True, timeout=PATIENCE)

    def chart_studio(self, **options):
        server = ChartStudio(**options)
        self.addCleanup(server.stop)
        return server

    def rest(self, server, key="apikey"):
        return (f"endpoint:\n  url: https://stream.example.com\n"
                f"  rest: {{url: \"{server.url}\", username: plant, key: {key}}}\n")

    def serve(self):
        daemon = self.start_daemon(command=("serve",), arguments=("--listen", "127.0.0.1:0"))
        return daemon.wait_for_log(r"listening.*\burl=(http://127\.0\.0\.1:\d+)/").group(1)

    def test_an_answer_that_is_nested_without_end_takes_little_more_than_its_bytes(self):
        deep = b"[" * 12_000_000
        server = self.chart_studio(odd=lambda request: (200, deep) if "/v2/plots" in request.path else None)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "plotbridge.yaml"
            path.write_text("version: 1\n" + self.rest(server) + PLOTS)
            with subprocess.Popen([PROGRAM, "plots", "-c", path], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
                error = process.stderr.read().decode()
                _, status, usage = os.wait4(process.pid, 0)
                process.returncode = os.waitstatus_to_exitcode(status)
        self.assertNotEqual(process.returncode, 0)
        self.assertIn("Boiler room", error)
        self.assertLess(usage.ru_maxrss, 100_000, "KiB")

    def test_at_our_endpoint_they_are_made_once_and_then_replaced(self):
        url = self.serve()
        config = f"endpoint: {{url: \"{url}\", type: plotbridge}}\n" + PLOTS
        first = self.plots(config)
        self.assertEqual((first.returncode, first.stderr), (0, ""))
        name, address = first.stdout.rstrip("\n").split("\t")
        self.assertEqual(name, "Boiler room")
        self.assertTrue(address.startswith(url + "/plots/"), address)
        self.assertEqual(self.plots(config).stdout, first.stdout)
        figure = json.loads(get(address.replace("/plots/", "/apigetfile/plotbridge/"))[1])["payload"]["figure"]
        self.assertEqual(figure["layout"], {"title": {"text": "Boiler room"}})
        self.assertEqual([trace["type"] for trace in figure["data"]], ["scatter", "bar"])
        plot = json.loads(get(url + "/api" + address[len(url):])[1])
        self.assertEqual([trace["max_points"] for trace in plot["traces"]], [200, 500])

    def test_says_which_stream_can_feed_one_plot_only(self):
        twice = PLOTS + "  - {name: Kettle room, traces: [{stream: boiler}]}\n"
        made = self.plots(f"endpoint: {{url: \"{self.serve()}\", type: plotbridge}}\n" + twice)
        self.assertEqual(made.returncode, 0, made.stderr)
        self.assertIn("stream boiler stands in the plots Boiler room and Kettle room", made.stderr)

    def test_the_built_in_endpoint_has_them_already(self):
        broker = self.start_broker()
        daemon = self.start_bridge(PLOTS, broker)
        port = daemon.page.rsplit(":", 1)[1]
        found = self.plots(f"server: {{listen: \"127.0.0.1:{port}\"}}\n" + PLOTS)
        self.assertEqual(found.stdout, f"Boiler room\t{daemon.page}/plots/1\n", found.stderr)

    def test_at_chart_studio_a_plot_names_the_columns_of_a_grid(self):
        server = self.chart_studio()
        made = self.plots(self.rest(server) + PLOTS)
        self.assertEqual(made.stdout, "Boiler room\thttps://plotly.example.com/~plant/12\n", made.stderr)
        self.assertEqual([request[:2] for request in server.requests], [
            ("GET", "/v2/files/lookup?path=Boiler%20room_grid"), ("POST", "/v2/grids"),
            ("GET", "/v2/files/lookup?path=Boiler%20room"), ("POST", "/v2/plots")])
        grid, plot = server.requests[1][2], server.requests[3][2]
        self.assertEqual(set(grid["data"]["cols"]), {"data.0.x", "data.0.y", "data.1.x", "data.1.y"})
        self.assertEqual(plot["filename"], "Boiler room")
        self.assertFalse(plot["world_readable"])
        self.assertEqual(plot["figure"], {
            "layout": {"title": {"text": "Boiler room"}},
            "data": [{"type": "scatter", "mode": "lines", "stream": {"token": "abcdefghij", "maxpoints": 200},
                      "xsrc": "plant:11:c00000", "ysrc": "plant:11:c00001"},
                     {"type": "bar", "stream": {"token": "klmnopqrst", "maxpoints": 500},
                      "xsrc": "plant:11:c00002", "ysrc": "plant:11:c00003"}]})
        self.assertTrue(server.requests[3][3]["plotly-client-platform"].startswith("plotbridge "))

    def test_what_is_there_is_replaced_and_what_may_not_be_is_made_anew(self):
        files = {"Boiler%20room": "plant:12", "Boiler%20room_grid": "plant:11"}
        server = self.chart_studio(files=files)
        self.assertEqual(self.plots(self.rest(server) + PLOTS).returncode, 0)
        self.assertEqual([request[:2] for request in server.requests if request[0] != "GET"],
                         [("PUT", "/v2/grids/plant:11"), ("PUT", "/v2/plots/plant:12")])
        server = self.chart_studio(files=files, refuse_replacing=True)
        self.assertEqual(self.plots(self.rest(server) + PLOTS).returncode, 0)
        self.assertEqual([request[0] for request in server.requests], ["GET", "PUT", "POST"] * 2)

    def test_says_what_is_wrong(self):
        refused = self.plots(self.rest(self.chart_studio(), key="another") + PLOTS)
        self.assertEqual(refused.returncode, 1)
        self.assertIn("401: wrong key; give the user and key in endpoint.rest", refused.stderr)
        self.assertNotIn("another", refused.stderr)
        nobody = self.plots(f"endpoint: {{url: \"http://127.0.0.1:{free_port()}\", type: plotbridge}}\n" + PLOTS)
        self.assertEqual(nobody.returncode, 69, nobody.stderr)
        missing = self.plots("endpoint: {url: \"https://stream.example.com\"}\n" + PLOTS)
        self.assertEqual(missing.returncode, 78)
        self.assertIn("endpoint.rest", missing.stderr)

    def test_no_answer_whatever_is_in_it_ends_the_program_otherwise(self):
        wrong = (None, 5, "text", True, [], [5], {}, {"a": None})

        def answered(status, body, *when):
            server = self.chart_studio(odd=lambda request: (request.command, request.path.split("?")[0]) == when
                                       and (status, body))
            made = self.plots(self.rest(server) + PLOTS)
            self.assertIn(made.returncode, (0, 1), f"{body} {when}: {made.stderr}")
            return made

        for odd in wrong:
            for errors in (odd, {"errors": odd}, {"errors": [odd]}, {"errors": [{"message": odd}]}):
                refused = answered(500, errors, "GET", "/v2/files/lookup")
                self.assertEqual(refused.returncode, 1, errors)
                self.assertIn("status 500", refused.stderr)
            for file in (odd, {"fid": odd}, {"fid": "plant:1", "cols": odd},
                         {"fid": "plant:1", "cols": [{"name": odd, "uid": odd}]}):
                answered(201, {"file": file}, "POST", "/v2/grids")
            for body in (odd, {"fid": odd}):
                found = answered(200, body, "GET", "/v2/files/lookup")
                self.assertEqual(found.returncode, 0 if body == {"fid": "text"} else 1, body)
            made = answered(201, {"file": {"fid": "plant:2", "web_url": odd}}, "POST", "/v2/plots")
            self.assertEqual(made.stdout, "Boiler room\t" + (odd if odd == "text" else "plant:2") + "\n")
        self.assertEqual(answered(200, b"\xff{", "POST", "/v2/grids").returncode, 1)

    def test_what_the_other_side_says_is_shown_without_secrets_and_control_characters(self):
        words = "token abcdefghij, klmnopqrst or apikey\nforged \x1b[31mline\x7f\u0085 caf\u00e9" + 1000 * "x"
        server = self.chart_studio(odd=lambda _: (500, {"errors": [{"message": words}]}))
        refused = self.plots(self.rest(server) + PLOTS).stderr
        self.assertIn("token [token], [token] or [key]", refused)
        self.assertIn("caf\u00e9xxx", refused)
        self.assertEqual(refused.count("\n"), 1, refused)
        self.assertFalse(any(ord(c) < 32 or 0x7f <= ord(c) < 0xa0 for c in refused.rstrip("\n")), repr(refused))
        self.assertLess(refused.count("x"), 200)
        server = self.chart_studio(odd=lambda r: r.command == "POST" and (201, {"file": {
            "fid": "plant:1", "web_url": "http://h/abcdefghij\nforged\t2"}}))
        self.assertRegex(self.plots(self.rest(server) + PLOTS).stdout, r"^Boiler room\thttp://h/\[token\][^\n\t]*\n$")
        server = self.chart_studio(odd=lambda _: (500, b'{"errors":[{"message":"a\xffb"}]}'))
        self.assertIn("status 500", self.plots(self.rest(server) + PLOTS).stderr)

    def test_a_stream_whose_plot_has_lost_its_token_gets_it_back(self):
        for status, words in ((403, "no longer associated"), (404, "not registered or valid")):
            with self.subTest(status):
                self.loses_its_token(status, words)

    def loses_its_token(self, status, words):
        server = self.chart_studio()
        lost = [True]
        endpoint = self.start_endpoint(on_stream=lambda stream: lost[0] and stream.answer(status, words))
        rest = f', rest: {{url: "{server.url}", username: plant, key: apikey}}'
        made = lambda: any(request[:2] == ("POST", "/v2/plots") for request in server.requests)
        daemon = self.start_bridge(PLOTS, self.start_broker(), endpoint, endpoint_keys=rest)
        daemon.wait_for_log(f"stream changed stream=boiler .*to=parked .*{status}")
        lost[0] = False
        daemon.wait_for_log('plot made again plot="Boiler room"')
        self.assertTrue(made())
        wait_until(lambda: daemon.stream("boiler")["state"] in ("probation", "live"), "the stream is open again")
        self.assertNotIn("apikey", daemon.log())

    def test_a_stream_that_hears_of_it_later_is_opened_again_without_making_the_plot_twice(self):
        server = self.chart_studio()
        endpoint = self.start_endpoint()
        plots = PLOTS.replace("{stream: {token: klmnopqrst}", "{stream: pump").replace(
            "plots:", "  - {name: pump, token: klmnopqrst}\nplots:")
        rest = f', rest: {{url: "{server.url}", username: plant, key: apikey}}'
        daemon = self.start_bridge(plots, self.start_broker(), endpoint, endpoint_keys=rest)
        boiler, pump = (endpoint.wait_for_stream(token) for token in ("abcdefghij", "klmnopqrst"))
        boiler.answer(403, "no longer associated")
        daemon.wait_for_log("plot made again")
        endpoint.wait_for_stream("abcdefghij", 2)
        pump.answer(403, "no longer associated")
        again = endpoint.wait_for_stream("klmnopqrst", 2)
        self.assertNotIn("not made again", daemon.log())
        again.answer(403, "no longer associated")
        daemon.wait_for_log("plot not made again .*less than 10 minutes ago")
        self.assertEqual(len([r for r in server.requests if r[:2] == ("POST", "/v2/plots")]), 1)


if __name__ == "__main__":
    unittest.main()

"""What a trial by a worker costs (docs/performance.md): beside a pool of processes in Python, and for workers that do nothing.

    python3 benches/workers/main.py target/release/burstnet [--rounds 3]

The model takes 2 s to import and 10 ms per trial. All are measured in turn, on two threads or two processes.
"""

import argparse
import json
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

THREADS = 2
TRIALS = 1000
TRIVIAL = 100_000

MODEL = '''
import time

time.sleep(2)  # imports


def model(x, seed):
    end = time.perf_counter() + 0.01
    while time.perf_counter() < end:
        pass
    return x * x + seed % 7
'''

WORKER = '''
import json, sys
from model import model

for line in sys.stdin:
    request = json.loads(line)
    value = model(request["configuration"]["x"], request["seed"])
    print(json.dumps({"measures": {"value": value}}))
    print(json.dumps({"id": request["id"]}), flush=True)
'''

POOL = f'''
from concurrent.futures import ProcessPoolExecutor


def one(x):
    from model import model
    return model(x, 1)


if __name__ == "__main__":
    with ProcessPoolExecutor({THREADS}) as pool:
        assert len(list(pool.map(one, range({TRIALS})))) == {TRIALS}
'''

TRIVIAL_PYTHON = '''
import json, sys

for line in sys.stdin:
    request = json.loads(line)
    print(json.dumps({"measures": {"value": request["configuration"]["x"]}}))
    print(json.dumps({"id": request["id"]}), flush=True)
'''

TRIVIAL_C = r'''
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
int main(void) {
  static char line[1 << 16];
  while (fgets(line, sizeof line, stdin)) {
    printf("{\"measures\": {\"value\": 1}}\n{\"id\": %ld}\n", atol(strstr(line, "\"id\":") + 5));
    fflush(stdout);
  }
}
'''


def sweep(folder, burstnet, name, command, trials, threads=THREADS):
    """Runs a sweep and returns its seconds, from the start of the command to its end, tables and page included."""
    (folder / f"{name}.yaml").write_text(json.dumps({
        "name": name, "model": {"command": command, "measures": ["value"], "worker": True}, "base": {"x": 0},
        "search": {"space": {"x": {"int": [0, trials - 1]}}},
    }))
    subprocess.run(["rm", "-rf", f"{folder}/out"], check=True)
    start = time.perf_counter()
    subprocess.run([burstnet, "sweep", f"{name}.yaml", "--allow-command", "--out", "out", "--threads", str(threads)],
                   cwd=folder, check=True, capture_output=True)
    seconds = time.perf_counter() - start
    rows = subprocess.run([burstnet, "report", "out", "--csv=trials"], cwd=folder, check=True, capture_output=True).stdout
    assert rows.count(b",ok,") == trials
    return seconds


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("burstnet", type=pathlib.Path)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    burstnet = options.burstnet.resolve()
    with tempfile.TemporaryDirectory() as place:
        folder = pathlib.Path(place)
        for name, text in [("model.py", MODEL), ("worker.py", WORKER), ("pool.py", POOL), ("trivial.py", TRIVIAL_PYTHON),
                           ("trivial.c", TRIVIAL_C)]:
            (folder / name).write_text(text)
        subprocess.run(["cc", "-O2", "-o", "trivial", "trivial.c"], cwd=folder, check=True)
        ours, pools = [], []
        for _ in range(options.rounds):
            start = time.perf_counter()
            subprocess.run([sys.executable, "pool.py"], cwd=folder, check=True)
            pools.append(time.perf_counter() - start)
            ours.append(sweep(folder, burstnet, "model", [sys.executable, "worker.py"], TRIALS))
        ratios = sorted(ours[i] / pools[i] for i in range(options.rounds))
        print(f"{TRIALS} trials of 10 ms, imports of 2 s: burstnet {statistics.median(ours):.2f} s, "
              f"ProcessPoolExecutor {statistics.median(pools):.2f} s, ratio {statistics.median(ratios):.3f} "
              f"({ratios[0]:.3f} to {ratios[-1]:.3f})")
        for name, command in [("C", ["./trivial"]), ("Python", [sys.executable, "trivial.py"])]:
            for threads in [1, THREADS]:
                all_of_it = [sweep(folder, burstnet, "trivial", command, TRIVIAL, threads) for _ in range(options.rounds)]
                each = sorted(1e6 * threads * seconds / TRIVIAL for seconds in all_of_it)
                print(f"a trivial worker in {name}, {TRIVIAL} trials, {threads} thread(s): {statistics.median(each):.0f} µs "
                      f"per trial and thread ({each[0]:.0f} to {each[-1]:.0f})")


if __name__ == "__main__":
    main()

"""ONNX Runtime and PyTorch on the reference LSTM, and PyTorch on naeil's network, timed on request.

Arguments: the folder with lstm_f24.safetensors and lstm_f24.onnx, and the networks that are trained, as
JSON by their names. One request a line, one reply a line:

    infer PEER THREADS BATCH CALLS   PEER is onnx or torch; milliseconds a call
    answer PEER BATCH                the outputs, as JSON
    train NAME THREADS BATCH STEPS   milliseconds a step of that network, the batch in memory
    memory                           the greatest resident size of this process so far, in MB
"""

import json
import resource
import sys
import time
from pathlib import Path

import numpy as np
import onnxruntime
import torch
from safetensors.numpy import load_file
from torch import nn
from torch.nn import functional as F

LEVELS = (0.05, 0.25, 0.50, 0.75, 0.95)
HORIZONS = 3


class ReferenceLstm(nn.Module):
    def __init__(self, tensors):
        super().__init__()
        rows, n_columns = tensors["lstm.weight_ih"].shape
        self.lstm = nn.LSTM(n_columns, rows // 4, batch_first=True)
        self.dense = nn.Linear(rows // 4, 1)
        with torch.no_grad():
            for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"):
                getattr(self.lstm, f"{name}_l0").copy_(torch.from_numpy(tensors[f"lstm.{name}"]))
            for name in ("weight", "bias"):
                getattr(self.dense, name).copy_(torch.from_numpy(tensors[f"dense.{name}"]))

    def forward(self, x):
        states, _ = self.lstm(x)
        return torch.sigmoid(self.dense(states[:, -1]))[:, 0]


class Network(nn.Module):
    """naeil's network: trunk, wide path, three heads a horizon."""

    def __init__(self, shape):
        super().__init__()
        n_sequence, hidden, wide = shape["n_sequence"], shape["hidden_size"], shape["wide_size"]
        self.lstm = nn.LSTM(n_sequence, hidden, shape["n_layers"], batch_first=True)
        self.norm = nn.LayerNorm(hidden)
        self.wide = nn.Linear(shape["n_columns"], wide)
        self.relative = nn.Linear(hidden + wide, HORIZONS)
        self.direction = nn.Linear(hidden + wide, HORIZONS)
        self.quantile_wide = nn.Linear(shape["n_columns"], shape["quantile_size"])
        self.quantile = nn.Linear(shape["quantile_size"], HORIZONS * len(LEVELS))
        self.dropout = nn.Dropout(shape["dropout"])

    def forward(self, sequence, columns):
        states, _ = self.lstm(sequence)
        hidden = self.dropout(self.norm(states[:, -1]))
        wide = self.dropout(F.gelu(self.wide(columns)))
        joined = torch.cat((hidden, wide), 1)
        steps = self.quantile(F.gelu(self.quantile_wide(columns)))
        median, *rest = steps.split(HORIZONS, 1)
        down, further_down, up, further_up = map(F.softplus, rest)
        lower, upper = median - down, median + up
        quantiles = torch.stack((lower - further_down, lower, median, upper, upper + further_up), 2)
        return self.relative(joined), self.direction(joined), quantiles


def network_loss(outputs, batch):
    relative, direction, quantiles = outputs
    ranking = F.binary_cross_entropy_with_logits(relative, batch["rank"], reduction="none")
    rising = F.binary_cross_entropy_with_logits(
        direction + batch["offset"], batch["up"], reduction="none"
    )
    missed = batch["return"][:, :, None] - quantiles
    levels = torch.tensor(LEVELS)
    pinball = torch.maximum(levels * missed, (levels - 1) * missed).mean(2)
    return (ranking + rising + pinball).mean(0).sum()


class Peers:
    def __init__(self, folder, shapes):
        self.onnx_path = str(folder / "lstm_f24.onnx")
        self.tensors = load_file(folder / "lstm_f24.safetensors")
        self.windows = self.tensors["x"]
        self.shapes = shapes
        self.sessions, self.trainings = {}, {}
        module = ReferenceLstm(self.tensors).eval()
        with torch.no_grad():
            example = torch.from_numpy(self.windows[:2])
            self.script = torch.jit.freeze(torch.jit.trace(module, example))

    def batch(self, n):
        times = -(-n // len(self.windows))
        return np.ascontiguousarray(np.tile(self.windows, (times, 1, 1))[:n])

    def call(self, peer, threads, n):
        x = self.batch(n)
        if peer == "torch":
            torch.set_num_threads(threads)
            x = torch.from_numpy(x)
            return lambda: self.script(x).numpy()
        if threads not in self.sessions:
            options = onnxruntime.SessionOptions()
            options.intra_op_num_threads = threads
            options.inter_op_num_threads = 1
            self.sessions[threads] = onnxruntime.InferenceSession(
                self.onnx_path, options, providers=["CPUExecutionProvider"]
            )
        session = self.sessions[threads]
        return lambda: session.run(None, {"x": x})[0]

    def infer(self, peer, threads, n, calls):
        with torch.no_grad():
            run = self.call(peer, int(threads), int(n))
            run()
            started = time.perf_counter()
            for _ in range(int(calls)):
                run()
            return (time.perf_counter() - started) / int(calls) * 1e3

    def answer(self, peer, n):
        with torch.no_grad():
            return json.dumps([float(y) for y in np.ravel(self.call(peer, 1, int(n))())])

    def prepared(self, key, n):
        if (key, n) in self.trainings:
            return self.trainings[key, n]
        torch.manual_seed(1)
        shape = self.shapes[key]
        module = Network(shape)
        optimizer = torch.optim.AdamW(module.parameters(), lr=1e-3, weight_decay=0.01)
        steps, n_sequence = shape["seq_length"], shape["n_sequence"]
        sequence = torch.randn(n, steps, n_sequence)
        columns = torch.randn(n, shape["n_columns"])
        batch = {
            "rank": torch.rand(n, HORIZONS),
            "up": (torch.rand(n, HORIZONS) > 0.5).float(),
            "offset": torch.full((n, HORIZONS), -0.1),
            "return": torch.randn(n, HORIZONS),
        }

        def loss():
            return network_loss(module(sequence, columns), batch)

        def step():
            optimizer.zero_grad(set_to_none=True)
            value = loss()
            value.backward()
            nn.utils.clip_grad_norm_(module.parameters(), 1.0)
            optimizer.step()
            return value.item()

        self.trainings[key, n] = step
        return step

    def train(self, key, threads, n, steps):
        torch.set_num_threads(int(threads))
        step = self.prepared(key, int(n))
        step()
        started = time.perf_counter()
        for _ in range(int(steps)):
            step()
        return (time.perf_counter() - started) / int(steps) * 1e3


def main():
    peers = Peers(Path(sys.argv[1]), json.loads(sys.argv[2]))
    for line in sys.stdin:
        what, *arguments = line.split()
        if what == "infer":
            reply = peers.infer(*arguments)
        elif what == "answer":
            reply = peers.answer(*arguments)
        elif what == "train":
            reply = peers.train(*arguments)
        elif what == "memory":
            reply = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        else:
            raise SystemExit(f"unknown request {line!r}")
        print(reply, flush=True)


if __name__ == "__main__":
    main()

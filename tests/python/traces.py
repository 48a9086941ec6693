"""A trace as NumPy arrays."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq


class Trace:
    """Columns by name: lists as matrices (step × unit), null epochs as -1."""

    def __init__(self, source):
        self.table = source if isinstance(source, pa.Table) else pq.read_table(source)

    def __getitem__(self, name):
        column = self.table[name]
        if name == "epoch":
            column = column.fill_null(-1)
        return np.array(column.to_pylist())

    def __len__(self):
        return self.table.num_rows

    def phase(self, name):
        """The steps of one phase."""
        return Trace(self.table.filter(pc.equal(self.table["phase"], name)))

    def losses(self, layer, layers):
        """The loss of a weight layer at every step of a training (pipelined dynamics); NaN where it did not learn."""
        step, taught = self["step"], self["taught"]
        assert step[0] == 0, "losses are those of a whole training"
        if layer == layers - 1:
            learns = taught & (step >= layers + 1)
            difference = self["target"][1:] - self["output"][:-1]
        else:
            learns = np.append(False, taught[:-1]) & (step >= layers + 2)
            difference = np.diff(self[f"hidden{layer}_burst_probability"], axis=0)
        losses = np.append(np.nan, np.mean(difference**2, axis=1))
        losses[~learns] = np.nan
        return losses

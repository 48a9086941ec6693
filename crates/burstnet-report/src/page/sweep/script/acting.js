"use strict";
// The choice of the measure of which the page tells how keys act.
{
  const { sweep } = burstnet;
  const controls = document.getElementById("acting-controls");
  const note = document.getElementById("acting-note");
  if (controls && sweep.measures.length > 1) {
    const names = sweep.measures.map((measure, at) => [at, sweep.titleOf(measure)]);
    const choose = (value) => {
      sweep.act(Number(value) === 0 ? null : sweep.measures[Number(value)]);
      if (note) note.hidden = sweep.acting === null;
    };
    controls.append(burstnet.select("Measure", names, 0, choose));
  }
}

"""burstnet schema: valid itself, fits every file of the project, and finds what the command would refuse."""

import json

import jsonschema
import pytest

import core_yaml
from conftest import repository

FILES = sorted(repository().glob("sweeps/*.yaml")) + sorted(repository().glob("examples/external/*.yaml")) + sorted(repository().glob("tests/golden/*/config.yaml"))

SWEEP = """\
name: small
seed: 3
replicates: 2
base:
  network: {layers: [12, 8, 3]}
  signals: {length: 60}
  training: {epochs: 1}
objective: {measure: test_mae, direction: minimize}
search:
  strategy: grid
  space:
    feedback.density: [0.5, 1.0]
    learning_rate.hidden: {log: [1e-3, 1], num: 3}
"""
# What is wrong with them: the text to replace, by what.
WRONG = {
    "a key of the file": ("replicates:", "replicate:"),
    "a section": ("  network:", "  netwrok:"),
    "a key of a section": ("{epochs: 1}", "{epoch: 1}"),
    "a key of the search": ("  strategy:", "  stratgy:"),
    "a swept key": ("feedback.density:", "feedback.densty:"),
    "a key of a range": ("{log:", "{lgo:"),
    "a key of the objective": ("direction:", "directoin:"),
    "a word": ("minimize", "minimise"),
    "a program without measures": ("base:", "model: {command: [x]}\nbase:"),
    "a program as one text": ("base:", "model: {command: python3 x.py, measures: [test_mae]}\nbase:"),
    "a text for a number": ("{length: 60}", "{length: long}"),
    "a number out of range": ("[0.5, 1.0]", "[0.5, 1.5]"),
    "no hidden nor output layer": ("[12, 8, 3]", "[12]"),
    "half a replicate": ("replicates: 2", "replicates: 0.5"),
    "adaptive replicates without an end": ("replicates: 2", "replicates: {from: 3}"),
    "adaptive replicates from one": ("replicates: 2", "replicates: {from: 1, to: 9}"),
    "a question of replicates": ("replicates: 2", "replicates: {from: 3, to: 9, until: worst}"),
    "a seed beyond 2^53": ("seed: 3", "seed: 9007199254740992"),
    "a strategy": ("strategy: grid", "strategy: gird"),
    "no space": ("  space:\n", "  zip:\n"),
    "a rule": ("strategy: grid", "strategy: grid\n  stopping: halving"),
    "a setting of a rule": ("strategy: grid", "strategy: grid\n  stopping: {rule: median, factor: 3}"),
    "a setting out of bounds": ("strategy: grid", "strategy: grid\n  stopping: {rule: successive_halving, factor: 1}"),
    "a ratio to no key": ("{log: [1e-3, 1], num: 3}", "{ratio_of: learning_rate.otput, ratio: 2}"),
    "a ratio and no ratio": ("{log: [1e-3, 1], num: 3}", "{ratio_of: learning_rate.output}"),
    "a condition on no key": ("{log: [1e-3, 1], num: 3}", "{choice: [1], when: {signals.knd: files}}"),
    "a condition that never holds": ("{log: [1e-3, 1], num: 3}", "{choice: [1], when: {signals.kind: file}}"),
    "half a step": ("{log: [1e-3, 1], num: 3}", "{int: [1, 9], step: 0.5}"),
    "a key that moves alone": ("strategy: grid", "strategy: grid\n  zip: [feedback.density]"),
    "a constraint that is a mapping": ("strategy: grid", "strategy: grid\n  constraints: {feedback.density: 1}"),
    "an included key that there is not": ("strategy: grid", "strategy: grid\n  include: [{feedback.densty: 0.5}]"),
    "a round of nothing": ("strategy: grid", "strategy: tpe\n  trials: 9\n  round: 0"),
    "no objective at all": ("{measure: test_mae, direction: minimize}", "[]"),
    "a direction of several": ("{measure: test_mae, direction: minimize}", "[{measure: test_mae, direction: up}]"),
}
# Other ways to write a key.
RIGHT = {
    "as it is": ("", ""),
    "a flat key of base": ("  training: {epochs: 1}", "  training.epochs: 1"),
    "a nested swept key": ("    feedback.density: [0.5, 1.0]", "    feedback: {density: [0.5, 1.0]}"),
    "an empty section": ("  training: {epochs: 1}", "  training:"),
    "a list of choices": ("[0.5, 1.0]", "{choice: [0.5, 1.0]}"),
    "a program": ("base:", "model: {command: [python3, x.py, 3], measures: [test_mae], budget: training.epochs}\nbase:"),
    "no objective": ("objective: {measure: test_mae, direction: minimize}\n", ""),
    "several objectives": ("{measure: test_mae, direction: minimize}", "[{measure: test_mae}, {measure: train_loss, direction: minimize}]"),
    "one objective in a list": ("{measure: test_mae, direction: minimize}", "[{measure: test_mae}]"),
    "rounds of a sampler that learns": ("strategy: grid", "strategy: tpe\n  trials: 20\n  round: 4\n  gamma: 0.2"),
    "a sequence": ("strategy: grid", "strategy: sobol\n  trials: 20"),
    "a rule with settings": ("  training: {epochs: 1}\nobjective: {measure: test_mae, direction: minimize}\nsearch:\n", "  training: {epochs: 9}\nsearch:\n  stopping: {rule: successive_halving, factor: 2, rungs: 3}\n"),
    "a rule alone": ("  training: {epochs: 1}\nobjective: {measure: test_mae, direction: minimize}\nsearch:\n", "  training: {epochs: 9}\nsearch:\n  stopping: median\n"),
    "a ratio": ("{log: [1e-3, 1], num: 3}", "{ratio_of: learning_rate.output, ratio: 2}"),
    "several ratios": ("{log: [1e-3, 1], num: 3}", "{ratio_of: learning_rate.output, log: [0.1, 10], num: 3}"),
    "a condition": ("{log: [1e-3, 1], num: 3}", "{log: [1e-3, 1], num: 3, when: {feedback.density: [0.5]}}"),
    "a condition of one value": ("{log: [1e-3, 1], num: 3}", "{choice: [1, 2], when: {feedback.density: 0.5}}"),
    "every other integer": ("    learning_rate.hidden: {log: [1e-3, 1], num: 3}", "    training.epochs: {int: [1, 9], step: 2}"),
    "keys that move together": ("{log: [1e-3, 1], num: 3}", "[0.1, 1.0]\n  zip: [feedback.density, learning_rate.hidden]"),
    "groups of such": ("{log: [1e-3, 1], num: 3}", "[0.1, 1.0]\n  zip: [[feedback.density, learning_rate.hidden]]"),
    "constraints": ("strategy: grid", "strategy: grid\n  constraints: ['feedback.density > learning_rate.hidden']"),
    "a constraint": ("strategy: grid", "strategy: grid\n  constraints: feedback.density > learning_rate.hidden"),
    "included configurations": ("strategy: grid", "strategy: grid\n  include: [{feedback.density: 0.7, learning_rate: {hidden: 2}}]"),
}


@pytest.fixture(scope="module")
def validator(burstnet, tmp_path_factory):
    schema = json.loads(burstnet("schema", cwd=tmp_path_factory.mktemp("schema")).stdout)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def complaints(validator, text):
    found = validator.iter_errors(core_yaml.load(text))
    return [f"{'.'.join(map(str, error.path))}: {error.message}" for error in found]


def test_the_project_has_files_of_both_kinds():
    assert {file.parent.name for file in FILES} > {"sweeps"}


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}/{file.name}")
def test_files_of_the_project_fit(validator, file):
    assert complaints(validator, file.read_text()) == []


@pytest.mark.parametrize("change", RIGHT)
def test_what_the_command_accepts_fits(burstnet, validator, tmp_path, change):
    text = SWEEP.replace(*RIGHT[change], 1)
    (tmp_path / "sweep.yaml").write_text(text)
    burstnet("plan", "sweep.yaml", cwd=tmp_path)
    assert complaints(validator, text) == []


@pytest.mark.parametrize("mistake", WRONG)
def test_a_mistake_is_found(burstnet, validator, tmp_path, mistake):
    text = SWEEP.replace(*WRONG[mistake], 1)
    assert text != SWEEP
    (tmp_path / "sweep.yaml").write_text(text)
    burstnet("plan", "sweep.yaml", cwd=tmp_path, expect=2)
    assert complaints(validator, text), f"the schema accepts {WRONG[mistake][1]!r}, which the command refuses"


def test_every_key_has_a_meaning_and_a_default(validator):
    keys = {}
    for name, held in validator.schema["else"]["properties"]["base"]["properties"].items():
        if "." not in name:  # a section, not a flat key
            keys |= {f"{name}.{key}": value for key, value in held["properties"].items()}
    assert "training.epochs" in keys
    for key, value in keys.items():
        assert value.get("description"), key
        assert "default" in value, key
        jsonschema.Draft202012Validator(value).validate(value["default"])

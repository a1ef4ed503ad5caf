# SPDX-License-Identifier: Apache-2.0
"""The shared cases, and what is Python's own."""

import dataclasses
import gc
import hashlib
import importlib
import pydoc

import pytest
import stm32tvm

MANIFEST = ".stm32tvm-manifest"


def emitted(cases, data, name, progress=None):
    case = next(each for each in cases["emissions"] if each["name"] == name)
    library = stm32tvm.ModelLibrary.open(data / case["archive"])
    network = library.network(options=stm32tvm.NetworkOptions(**case["network"]))
    plan = stm32tvm.MemoryPlan.make(network, stm32tvm.PlanOptions(**case["plan"]))
    samples = [
        stm32tvm.Sample(**{side: [(data / path).read_bytes() for path in sample[side]] for side in sample})
        for sample in case["samples"]
    ]
    return stm32tvm.ProjectEmitter.emit(plan, stm32tvm.EmitOptions(**case["emit"]), samples, progress)


def hashes_of(files):
    return {path: hashlib.sha256(contents).hexdigest() for path, contents in files.items()}


def hashes_in(folder):
    return hashes_of({str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()})


def assert_has(tensors, expected):
    assert len(tensors) == len(expected)
    for tensor, fields in zip(tensors, expected):
        found = dataclasses.asdict(tensor)
        assert {key: found[key] for key in fields} == {
            key: tuple(value) if isinstance(value, list) else value for key, value in fields.items()
        }


@pytest.mark.parametrize("source", ["path", "text", "bytes", "bytearray", "memoryview"])
def test_open(cases, data, source):
    case = cases["open"]
    path = data / case["archive"]
    if source in ("path", "text"):
        library = stm32tvm.ModelLibrary.open(path if source == "path" else str(path))
    else:
        kind = {"bytes": bytes, "bytearray": bytearray, "memoryview": memoryview}[source]
        library = stm32tvm.ModelLibrary.from_bytes(kind(path.read_bytes()))
    assert library.format_version == case["format_version"]
    assert [dataclasses.asdict(module) for module in library.modules] == case["modules"]


def test_bad_files(cases, data):
    for case in cases["bad_files"]:
        with pytest.raises(stm32tvm.Error) as caught:
            stm32tvm.ModelLibrary.open(data / case["archive"])
        error = caught.value
        assert (error.code, error.status) == (case["code"], case["status"])
        assert case["message"] in error.message
        assert error.where == str(data / case["archive"])
        assert str(error) == f"{error.where}: {error.message}"


def test_limits(cases, data):
    case = cases["limit"]
    with pytest.raises(stm32tvm.Error) as caught:
        stm32tvm.ModelLibrary.open(data / cases["open"]["archive"], stm32tvm.Limits(**case["limits"]))
    assert (caught.value.code, caught.value.status) == (case["code"], case["status"])


def test_describe(cases, data):
    case = cases["describe"]
    library = stm32tvm.ModelLibrary.open(data / case["archive"])
    network = library.network(library.modules[0].name)
    assert_has(network.inputs, case["inputs"])
    assert_has(network.outputs, case["outputs"])
    assert len(network.operators) == case["operators"]
    assert network.operators[0].inputs[0] == network.tensors.index(network.inputs[0])
    assert all(tensor.constant for tensor in network.parameters)
    assert network.executor == library.modules[0].executor
    network.apply_quantization(case["quantization"])
    overridden = case["quantization"]["tensors"][network.inputs[0].name]
    assert network.inputs[0].quantization == stm32tvm.Quantization(
        "per_tensor", "caller", (overridden["scale"],), (overridden["zero_point"],), -1
    )
    for wrong in (
        lambda: network.apply_quantization(case["bad_quantization"]),
        lambda: network.apply_tflite(b"no file"),
        lambda: library.network("other"),
    ):
        with pytest.raises(stm32tvm.Error) as caught:
            wrong()
        assert caught.value.code == case["bad_code"]


def test_plan(cases, data):
    network = stm32tvm.ModelLibrary.open(data / cases["describe"]["archive"]).network()
    kept = stm32tvm.MemoryPlan.make(network)
    consumed = stm32tvm.MemoryPlan.make(network, stm32tvm.PlanOptions(inputs="consume"))
    assert consumed.bytes < kept.bytes == kept.needs.arena_bytes == kept.pools[0].bytes
    assert kept.needs.ram_bytes == kept.needs.arena_bytes + kept.needs.context_bytes + kept.needs.heap_bytes
    assert kept.needs.flash_bytes == kept.needs.weights_bytes + kept.needs.tables_bytes
    assert all(buffer.offset + buffer.bytes <= kept.bytes for buffer in kept.buffers)
    with pytest.raises(stm32tvm.Error) as caught:
        stm32tvm.MemoryPlan.make(network, stm32tvm.PlanOptions(pools=[stm32tvm.Pool("small", 64)]))
    assert caught.value.code == "does_not_fit"


def test_weights_groups(cases, data):
    library = stm32tvm.ModelLibrary.open(data / cases["describe"]["archive"])
    groups = [{"place": "external", "address": "0x90000000"}]
    network = library.network(options=stm32tvm.NetworkOptions(weights_groups=groups))
    needs = stm32tvm.MemoryPlan.make(network).needs
    assert needs.external_weights_bytes == needs.weights_bytes > 0


def test_budget(cases, data):
    network = stm32tvm.ModelLibrary.open(data / cases["describe"]["archive"]).network()
    plan = stm32tvm.MemoryPlan.make(network)
    with pytest.raises(stm32tvm.Error) as caught:
        stm32tvm.ProjectEmitter.emit(plan, stm32tvm.EmitOptions(budget={"ram_bytes": 64}))
    assert caught.value.code == "does_not_fit"


@pytest.mark.parametrize("name", ["network", "placed", "firmware"])
def test_emit(cases, data, golden, name):
    expected = golden(name)
    del expected[MANIFEST]
    assert hashes_of(emitted(cases, data, name)) == expected


def test_emit_all(data):
    plans = [
        stm32tvm.MemoryPlan.make(stm32tvm.ModelLibrary.open(data / archive).network())
        for archive in ("digits_int8/graph_named.tar", "digits_int8/graph.tar")
    ]
    tree = stm32tvm.ProjectEmitter.emit_all(plans, stm32tvm.EmitOptions(name="both"))
    assert len({path.split("/")[0] for path in tree if path.startswith("both_")}) == 2
    tree = stm32tvm.ProjectEmitter.emit_all(plans, stm32tvm.EmitOptions(names=["left", "right"]))
    assert "left/left.h" in tree and "right/right.h" in tree
    options = stm32tvm.EmitOptions(names=["left", "right"], target="netduinoplus2")
    sample = stm32tvm.Sample([(data / "digits_int8/in0_0.bin").read_bytes()], network=1)
    tree = stm32tvm.ProjectEmitter.emit_all(plans, options, [sample])
    assert len(tree["firmware/left_samples.c"]) < len(tree["firmware/right_samples.c"])


def test_files_outlive_their_tree(cases, data):
    tree = emitted(cases, data, "network")
    path, contents = next((path, contents) for path, contents in tree.items() if path.endswith(".c"))
    copy = bytes(contents)
    assert contents.readonly and len(copy) > 100
    del tree
    gc.collect()
    assert bytes(contents) == copy
    with pytest.raises(KeyError):
        emitted(cases, data, "network")["no/such.c"]


def test_write(cases, data, golden, tmp_path):
    name = cases["write"]
    folder = tmp_path / "a" / name
    tree = emitted(cases, data, name)
    assert tree.write_to(folder) == stm32tvm.Written(tuple(tree), (), 0)
    assert hashes_in(folder) == golden(name)
    assert tree.write_to(str(folder)) == stm32tvm.Written((), (), len(tree))
    edited = next(iter(tree))
    with (folder / edited).open("a") as file:
        file.write("edited")
    with pytest.raises(stm32tvm.Error) as caught:
        tree.write_to(folder)
    assert caught.value.code == "cannot_write"
    assert tree.write_to(folder, replace_edited=True).changed == (edited,)
    assert hashes_in(folder) == golden(name)


def test_cancel(cases, data):
    for case in cases["cancel"]:
        for stop in (lambda: False, lambda: 1 / 0):
            seen = []

            def progress(now):
                seen.append(now)
                assert now.item and now.done <= now.total
                return stop() if len(seen) == case["stop_at"] else None

            with pytest.raises((stm32tvm.Error, ZeroDivisionError)) as caught:
                if case["call"] == "open":
                    stm32tvm.ModelLibrary.open(data / cases["open"]["archive"], progress=progress)
                elif case["call"] == "network":
                    stm32tvm.ModelLibrary.open(data / cases["open"]["archive"]).network(progress=progress)
                else:
                    emitted(cases, data, "network", progress)
            assert getattr(caught.value, "code", "cancelled") == "cancelled"
            assert len(seen) == case["stop_at"]


def test_progress_ends_at_its_total(cases, data):
    seen = []
    emitted(cases, data, "network", seen.append)
    assert len(seen) > 1 and seen[-1].done == seen[-1].total


def test_targets():
    assert any(target.name == "netduinoplus2" and target.part for target in stm32tvm.targets())


def test_versions(cases):
    assert stm32tvm.FORMAT_VERSIONS[-1] == cases["open"]["format_version"]
    assert stm32tvm.CONTRACT_VERSION == 1 and stm32tvm.__version__.count(".") == 2


def test_help_tells_of_all():
    text = pydoc.render_doc(stm32tvm, renderer=pydoc.plaintext)
    for name in stm32tvm.__all__:
        assert name in text
        value = getattr(stm32tvm, name)
        if isinstance(value, type):
            assert value.__doc__ and not value.__doc__.startswith(name + "("), name
            for member, method in vars(value).items():
                if not member.startswith("_") and (callable(method) or isinstance(method, (property, classmethod))):
                    assert method.__doc__, f"{name}.{member}"
        if dataclasses.is_dataclass(value):
            for field in dataclasses.fields(value):
                assert f"\n    {field.name}" in value.__doc__, f"{name}.{field.name}"


def test_every_function_was_called(functions, calls):
    importlib.reload(stm32tvm)  # calls those of the import
    stm32tvm._native.stm32tvm_c_abi_version()
    assert len(functions) > 30
    assert sorted(calls) == functions

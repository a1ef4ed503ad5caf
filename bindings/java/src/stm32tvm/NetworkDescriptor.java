// SPDX-License-Identifier: Apache-2.0
package stm32tvm;

import java.nio.ByteBuffer;
import java.util.List;

/**
 * What one network is: tensors, operators, quantization. {@link ModelLibrary#network()} makes it. What it says stays
 * there when it is closed.
 *
 * <p>{@link #applyTflite} and {@link #applyQuantization} change it: no other thread may use it at that time.
 */
public final class NetworkDescriptor implements AutoCloseable {
  /** What is taken from the JSON text. */
  private record Values(
      String moduleName,
      String executor,
      List<Tensor> tensors,
      List<Integer> inputs,
      List<Integer> outputs,
      List<Integer> parameters,
      List<Call> operators,
      List<Diagnostic> diagnostics) {
    List<Tensor> tensors(List<Integer> indices) {
      return indices.stream().map(tensors::get).toList();
    }
  }

  /** An operator as the JSON text has it. */
  private record Call(
      String name,
      String kind,
      String kernel,
      List<Argument> inputs,
      List<Argument> outputs,
      List<Workspace> workspaces,
      long stackBytes) {
    Operator operator() {
      return new Operator(name, kind, kernel, inputs.stream().map(Argument::tensor).toList(),
          outputs.stream().map(Argument::tensor).toList(), workspaces.stream().map(Workspace::bytes).toList(),
          stackBytes);
    }
  }

  private record Argument(int tensor) {}

  private record Workspace(long bytes) {}

  private final Handle handle;
  private String json;
  private Values values;
  private List<Operator> operators;

  NetworkDescriptor(long address) throws Stm32tvmException {
    handle = new Handle(this, address, network -> Calls.api.stm32tvm_network_free(network));
    read();
  }

  private void read() throws Stm32tvmException {
    json = handle.use(network -> Calls.text((made, error) -> Calls.api.stm32tvm_network_to_json(network, made, error)));
    values = Calls.record(Values.class, json);
    operators = values.operators.stream().map(Call::operator).toList();
  }

  Handle handle() {
    return handle;
  }

  /**
   * The name of its module.
   *
   * @return TVM's libmod_name
   */
  public String moduleName() {
    return values.moduleName;
  }

  /**
   * Who calls the operators.
   *
   * @return "graph", "aot", or "operator" for nobody
   */
  public String executor() {
    return values.executor;
  }

  /**
   * All tensors; others refer to them by index.
   *
   * @return all of them
   */
  public List<Tensor> tensors() {
    return values.tensors;
  }

  /**
   * The network's inputs.
   *
   * @return in the order of the call
   */
  public List<Tensor> inputs() {
    return values.tensors(values.inputs);
  }

  /**
   * The network's outputs.
   *
   * @return in the order of the call
   */
  public List<Tensor> outputs() {
    return values.tensors(values.outputs);
  }

  /**
   * Constant tensors.
   *
   * @return in the order in which operators first use them
   */
  public List<Tensor> parameters() {
    return values.tensors(values.parameters);
  }

  /**
   * The calls that make up a run.
   *
   * @return in the order of execution
   */
  public List<Operator> operators() {
    return operators;
  }

  /**
   * What is worth telling of the archive.
   *
   * @return in the order in which it was found
   */
  public List<Diagnostic> diagnostics() {
    return values.diagnostics;
  }

  /**
   * All there is to say; constant values and source texts are left out.
   *
   * @return JSON
   */
  public String toJson() {
    return json;
  }

  /**
   * Takes names and exact quantization from the TFLite file that the archive was made from.
   *
   * @param file its bytes
   * @throws Stm32tvmException if it is no such file, or does not belong to the network
   */
  public void applyTflite(byte[] file) throws Stm32tvmException {
    change((network, error) -> Calls.api.stm32tvm_network_apply_tflite(network, file, error));
  }

  /**
   * The same from the rest of a buffer, whose position stays as it is.
   *
   * @param file its bytes
   * @throws Stm32tvmException if it is no such file, or does not belong to the network
   */
  public void applyTflite(ByteBuffer file) throws Stm32tvmException {
    applyTflite(Calls.bytesOf(file));
  }

  /**
   * Takes quantization from the caller.
   *
   * @param overrides JSON: {"tensors": {"image": {"scale": 0.5, "zero_point": 3}}}, as docs/quantization.md has it
   * @throws Stm32tvmException if it is no such JSON, or names what the network does not have
   */
  public void applyQuantization(String overrides) throws Stm32tvmException {
    change((network, error) -> Calls.api.stm32tvm_network_apply_quantization(network, overrides, error));
  }

  @FunctionalInterface
  private interface Change {
    int call(long network, long[] error);
  }

  private void change(Change call) throws Stm32tvmException {
    handle.use(network -> {
      Calls.check(error -> call.call(network, error));
      return null;
    });
    read();
  }

  @Override
  public void close() {
    handle.close();
  }

  @Override
  public String toString() {
    return "NetworkDescriptor[" + moduleName() + ", " + values.tensors.size() + " tensors, " + operators.size()
        + " operators]";
  }
}

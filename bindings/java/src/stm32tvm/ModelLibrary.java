// SPDX-License-Identifier: Apache-2.0
package stm32tvm;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.LongStream;

/** What a Model Library Format archive says. It does not change. */
public final class ModelLibrary implements AutoCloseable {
  /**
   * One module of an archive.
   *
   * @param name TVM's libmod_name
   * @param executor "graph", "aot" or "operator"
   */
  public record Module(String name, String executor) {}

  private final Handle handle;

  private ModelLibrary(long address) {
    handle = new Handle(this, address, library -> Calls.api.stm32tvm_library_free(library));
  }

  /**
   * Reads an archive, plain or compressed, or the folder that one was unpacked to.
   *
   * @param path of the archive or folder
   * @return what it says
   * @throws Stm32tvmException if it cannot be read, or is no such archive
   */
  public static ModelLibrary open(Path path) throws Stm32tvmException {
    return open(path, new Limits(), null);
  }

  /**
   * The same with limits and a listener.
   *
   * @param path of the archive or folder
   * @param limits what it may ask for
   * @param listener is told of progress, and can cancel; may be null
   * @return what it says
   * @throws Stm32tvmException if it cannot be read, is no such archive, or is over a limit
   */
  public static ModelLibrary open(Path path, Limits limits, ProgressListener listener) throws Stm32tvmException {
    return new ModelLibrary(Calls.make(limits, listener,
        (options, made, error) -> Calls.api.stm32tvm_library_open(path.toString(), options, made, error)));
  }

  /**
   * Reads an archive from memory. The bytes are copied.
   *
   * @param archive the bytes of its file
   * @return what it says
   * @throws Stm32tvmException if it is no such archive
   */
  public static ModelLibrary fromBytes(byte[] archive) throws Stm32tvmException {
    return fromBytes(archive, new Limits(), null);
  }

  /**
   * The same with limits and a listener.
   *
   * @param archive the bytes of its file
   * @param limits what it may ask for
   * @param listener is told of progress, and can cancel; may be null
   * @return what it says
   * @throws Stm32tvmException if it is no such archive, or is over a limit
   */
  public static ModelLibrary fromBytes(byte[] archive, Limits limits, ProgressListener listener)
      throws Stm32tvmException {
    return new ModelLibrary(Calls.make(limits, listener,
        (options, made, error) -> Calls.api.stm32tvm_library_from_memory(archive, options, made, error)));
  }

  /**
   * Reads an archive from the rest of a buffer, whose position stays as it is. The bytes are copied.
   *
   * @param archive the bytes of its file
   * @return what it says
   * @throws Stm32tvmException if it is no such archive
   */
  public static ModelLibrary fromBytes(ByteBuffer archive) throws Stm32tvmException {
    return fromBytes(Calls.bytesOf(archive));
  }

  /**
   * Version of the Model Library Format that the archive states.
   *
   * @return the version, from 1 on
   */
  public int formatVersion() {
    return handle.use(Calls.api::stm32tvm_library_format_version);
  }

  /**
   * The archive's modules.
   *
   * @return in the order of their names
   */
  public List<Module> modules() {
    return handle.use(library -> LongStream.range(0, Calls.api.stm32tvm_library_module_count(library))
        .mapToObj(index -> new Module(Calls.api.stm32tvm_library_module_name(library, index),
            Calls.api.stm32tvm_library_module_executor(library, index)))
        .toList());
  }

  /**
   * Describes the network of the only module there is.
   *
   * @return what the network is
   * @throws Stm32tvmException if the archive contradicts itself, uses what is not supported, or has several modules
   */
  public NetworkDescriptor network() throws Stm32tvmException {
    return network("");
  }

  /**
   * Describes the network of a module.
   *
   * @param module its name; an empty one stands for the only module there is
   * @return what the network is
   * @throws Stm32tvmException if the archive contradicts itself, uses what is not supported, or has no such module
   */
  public NetworkDescriptor network(String module) throws Stm32tvmException {
    return network(module, new NetworkOptions(), null);
  }

  /**
   * The same with options and a listener.
   *
   * @param module its name; an empty one stands for the only module there is
   * @param options how it becomes a network
   * @param listener is told of progress, and can cancel; may be null
   * @return what the network is
   * @throws Stm32tvmException if the archive contradicts itself, uses what is not supported, or has no such module
   */
  public NetworkDescriptor network(String module, NetworkOptions options, ProgressListener listener)
      throws Stm32tvmException {
    return new NetworkDescriptor(handle.use(library -> Calls.make(options, listener, (given, made, error) ->
        Calls.api.stm32tvm_network_describe(library, module, given, made, error))));
  }

  @Override
  public void close() {
    handle.close();
  }
}

// SPDX-License-Identifier: Apache-2.0
package stm32tvm;

import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** The emitted files in memory. Paths are relative, with '/' between their parts. */
public final class SourceTree implements AutoCloseable {
  private final Handle handle;
  private final Map<String, Long> indices = new LinkedHashMap<>();

  SourceTree(long address) {
    handle = new Handle(this, address, tree -> Calls.api.stm32tvm_tree_free(tree));
    handle.use(tree -> {
      long count = Calls.api.stm32tvm_tree_file_count(tree);
      for (long index = 0; index < count; index++) {
        indices.put(Calls.api.stm32tvm_tree_file_path(tree, index), index);
      }
      return null;
    });
  }

  /**
   * The paths of all files.
   *
   * @return sorted
   */
  public Set<String> paths() {
    return Collections.unmodifiableSet(indices.keySet());
  }

  /**
   * What is in a file.
   *
   * @param path of the file
   * @return a copy of its bytes
   * @throws IllegalArgumentException if there is no such file
   */
  public byte[] bytes(String path) {
    Long index = indices.get(path);
    if (index == null) {
      throw new IllegalArgumentException("the tree has no file " + path);
    }
    return handle.use(tree -> Calls.api.stm32tvm_tree_file_data(tree, index));
  }

  /**
   * Writes the files into a folder, which is made if it is not there. Only files whose bytes differ are touched; files
   * that an earlier tree left there go, all others stay.
   *
   * @param folder to write to
   * @return what was done
   * @throws Stm32tvmException if somebody edited an emitted file, or another is in the way: then nothing is written
   */
  public Written writeTo(Path folder) throws Stm32tvmException {
    return writeTo(folder, WritePolicy.REFUSE_EDITED);
  }

  /**
   * The same with a policy.
   *
   * @param folder to write to
   * @param policy what becomes of edited files
   * @return what was done
   * @throws Stm32tvmException if the folder cannot be written
   */
  public Written writeTo(Path folder, WritePolicy policy) throws Stm32tvmException {
    String report = handle.use(tree -> Calls.text((made, error) ->
        Calls.api.stm32tvm_tree_write_to(tree, folder.toString(), policy.ordinal(), made, error)));
    return Calls.record(Written.class, report);
  }

  @Override
  public void close() {
    handle.close();
  }

  @Override
  public String toString() {
    return "SourceTree[" + indices.size() + " files]";
  }
}

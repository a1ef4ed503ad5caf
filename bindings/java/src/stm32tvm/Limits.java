// SPDX-License-Identifier: Apache-2.0
package stm32tvm;

/** What an archive may ask for. Over a limit, a call throws {@link ErrorCode#LIMIT_EXCEEDED}. */
public final class Limits extends Options<Limits> {
  /** Everything is left to the library. */
  public Limits() {}

  /**
   * Bytes of the archive's file.
   *
   * @param bytes the most
   * @return these options
   */
  public Limits archiveBytes(long bytes) {
    return set("archive_bytes", bytes);
  }

  /**
   * Bytes of all members, unpacked.
   *
   * @param bytes the most
   * @return these options
   */
  public Limits totalBytes(long bytes) {
    return set("total_bytes", bytes);
  }

  /**
   * Bytes of one member, unpacked.
   *
   * @param bytes the most
   * @return these options
   */
  public Limits memberBytes(long bytes) {
    return set("member_bytes", bytes);
  }

  /**
   * Members.
   *
   * @param count the most
   * @return these options
   */
  public Limits members(long count) {
    return set("members", count);
  }

  /**
   * Bytes of a member's path.
   *
   * @param bytes the most
   * @return these options
   */
  public Limits pathBytes(long bytes) {
    return set("path_bytes", bytes);
  }

  /**
   * Unpacked bytes for each packed one.
   *
   * @param ratio the most
   * @return these options
   */
  public Limits expansion(long ratio) {
    return set("expansion", ratio);
  }

  /**
   * Modules.
   *
   * @param count the most
   * @return these options
   */
  public Limits modules(long count) {
    return set("modules", count);
  }

  /**
   * Levels of JSON.
   *
   * @param levels the most
   * @return these options
   */
  public Limits jsonDepth(long levels) {
    return set("json_depth", levels);
  }

  /**
   * Nodes of a graph.
   *
   * @param count the most
   * @return these options
   */
  public Limits nodes(long count) {
    return set("nodes", count);
  }

  /**
   * Tensors of a network.
   *
   * @param count the most
   * @return these options
   */
  public Limits tensors(long count) {
    return set("tensors", count);
  }

  /**
   * Bytes of a name.
   *
   * @param bytes the most
   * @return these options
   */
  public Limits nameBytes(long bytes) {
    return set("name_bytes", bytes);
  }

  /**
   * Dimensions of a tensor.
   *
   * @param rank the most
   * @return these options
   */
  public Limits rank(long rank) {
    return set("rank", rank);
  }

  /**
   * Bytes of a tensor.
   *
   * @param bytes the most
   * @return these options
   */
  public Limits tensorBytes(long bytes) {
    return set("tensor_bytes", bytes);
  }
}

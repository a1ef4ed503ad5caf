// SPDX-License-Identifier: Apache-2.0
package stm32tvm;

/** Why a call failed. The message is where it was, if anywhere, and the reason. */
public final class Stm32tvmException extends Exception {
  private static final long serialVersionUID = 1L;

  private final int status;
  private final String codeName;
  private final String reason;
  private final String where;

  Stm32tvmException(int status, String codeName, String reason, String where) {
    super(where.isEmpty() ? reason : where + ": " + reason);
    this.status = status;
    this.codeName = codeName;
    this.reason = reason;
    this.where = where;
  }

  /**
   * What kind of failure it was.
   *
   * @return the code
   */
  public ErrorCode code() {
    return ErrorCode.of(status);
  }

  /**
   * The stable name of the code, as all parts of the project have it.
   *
   * @return the name: "cannot_read", "does_not_fit"
   */
  public String codeName() {
    return codeName;
  }

  /**
   * The code's number in the C ABI.
   *
   * @return the number, which is negative
   */
  public int status() {
    return status;
  }

  /**
   * What was found, what was needed, what to do.
   *
   * @return one sentence
   */
  public String reason() {
    return reason;
  }

  /**
   * The archive's member and the place in it, or the file.
   *
   * @return the place; empty when there is none
   */
  public String where() {
    return where;
  }
}

// SPDX-License-Identifier: Apache-2.0
package stm32tvm;

/** What becomes of emitted files in the folder that somebody edited, and of files that are in the way. */
public enum WritePolicy {
  /** The call throws {@link ErrorCode#CANNOT_WRITE}, and nothing is written. */
  REFUSE_EDITED,
  /** What was edited is lost. */
  REPLACE_EDITED
}

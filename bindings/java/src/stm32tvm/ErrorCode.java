// SPDX-License-Identifier: Apache-2.0
package stm32tvm;

/** What kind of failure it was. docs/errors.md of the project explains each. */
public enum ErrorCode {
  /** A fault of the library. */
  INTERNAL,
  /** A fault of this package. */
  INVALID_ARGUMENT,
  /** Memory ran out in the library. */
  OUT_OF_MEMORY,
  /** The listener asked to stop. */
  CANCELLED,
  /** A file or folder cannot be read. */
  CANNOT_READ,
  /** A file or folder cannot be written, or somebody edited what is in it. */
  CANNOT_WRITE,
  /** No tar or zip file, or a damaged one. */
  NOT_AN_ARCHIVE,
  /** The archive has paths or kinds of members that are not taken from anybody. */
  UNSAFE_ARCHIVE,
  /** More than {@link Limits} allow. */
  LIMIT_EXCEEDED,
  /** The archive lacks a file. */
  MISSING_MEMBER,
  /** A file that should be JSON is not. */
  BAD_JSON,
  /** A version of the Model Library Format that is not read. */
  UNSUPPORTED_VERSION,
  /** The archive's metadata contradicts itself or other files. */
  BAD_METADATA,
  /** The graph is not one. */
  BAD_GRAPH,
  /** The values of the parameters are not as the graph has them. */
  BAD_PARAMETERS,
  /** The C sources are not as TVM writes them. */
  BAD_SOURCE,
  /** The network uses what is not supported. */
  UNSUPPORTED,
  /** An option, a name or a table of the caller is wrong. */
  BAD_OPTION,
  /** The memories are too small. */
  DOES_NOT_FIT,
  /** The plan does not hold. */
  INVALID_PLAN,
  /** A code that a newer library added: {@link Stm32tvmException#codeName} has its name. */
  UNKNOWN;

  /** Statuses of the C ABI count down from -1, in this order. */
  static ErrorCode of(int status) {
    int index = -1 - status;
    return index >= 0 && index < UNKNOWN.ordinal() ? values()[index] : UNKNOWN;
  }
}

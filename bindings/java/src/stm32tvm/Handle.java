// SPDX-License-Identifier: Apache-2.0
package stm32tvm;

import java.lang.ref.Cleaner;
import java.util.function.LongConsumer;

/**
 * A handle of the C ABI. It is freed once it is closed, or its owner is unreachable, and no call uses it any more:
 * closing it while another thread calls, or from a listener, is safe.
 */
final class Handle {
  private static final Cleaner CLEANER = Cleaner.create();

  @FunctionalInterface
  interface Use<R, E extends Exception> {
    R of(long address) throws E;
  }

  private final long address;
  private final LongConsumer free;
  private final Cleaner.Cleanable cleanable;
  private boolean closed;
  private int users;

  Handle(Object owner, long address, LongConsumer free) {
    this.address = address;
    this.free = free;
    cleanable = CLEANER.register(owner, this::closeOnce);
  }

  void close() {
    cleanable.clean();
  }

  private synchronized void closeOnce() {
    closed = true;
    freeIfUnused();
  }

  /** What the use gives; the address is good until it returns. */
  <R, E extends Exception> R use(Use<R, E> use) throws E {
    long held = acquire();
    try {
      return use.of(held);
    } finally {
      release();
    }
  }

  /** The address, which is good until release(). */
  synchronized long acquire() {
    if (closed) {
      throw new IllegalStateException("it is closed already");
    }
    users++;
    return address;
  }

  synchronized void release() {
    users--;
    freeIfUnused();
  }

  private void freeIfUnused() {
    if (closed && users == 0) {
      free.accept(address);
    }
  }
}

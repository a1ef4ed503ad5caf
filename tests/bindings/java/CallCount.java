// SPDX-License-Identifier: Apache-2.0
package stm32tvm;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** How often each function of the C ABI was called. */
public final class CallCount {
  private static final Map<String, Integer> CALLS = new ConcurrentHashMap<>();

  private CallCount() {}

  /** Counts from now on; once, before anything else is called. */
  public static void start() {
    CApi api = Calls.api;
    Calls.api = (CApi) Proxy.newProxyInstance(CApi.class.getClassLoader(), new Class<?>[] {CApi.class},
        (proxy, method, arguments) -> {
          CALLS.merge(method.getName(), 1, Integer::sum);
          try {
            return method.invoke(api, arguments);
          } catch (InvocationTargetException exception) {
            throw exception.getCause();
          }
        });
    Calls.api.stm32tvm_c_abi_version(); // which was called before
  }

  /** By the function's name. */
  public static Map<String, Integer> calls() {
    return CALLS;
  }

  /** The library's name of a status. */
  public static String statusName(int status) {
    return Calls.api.stm32tvm_status_name(status);
  }
}

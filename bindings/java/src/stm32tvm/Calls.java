// SPDX-License-Identifier: Apache-2.0
package stm32tvm;

import com.google.gson.FieldNamingPolicy;
import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonDeserializationContext;
import com.google.gson.JsonDeserializer;
import com.google.gson.JsonElement;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Calls of the C ABI whose failures become exceptions, and texts whose JSON becomes records. */
final class Calls {
  /** Not final: a test counts the calls. */
  static CApi api = new JnaApi();

  private static final int ABI = 1;
  private static final Gson GSON = new GsonBuilder()
      .setFieldNamingPolicy(FieldNamingPolicy.LOWER_CASE_WITH_UNDERSCORES)
      .registerTypeHierarchyAdapter(List.class, (JsonDeserializer<List<?>>) Calls::list)
      .create();

  static {
    if (api.stm32tvm_c_abi_version() != ABI) {
      throw new UnsatisfiedLinkError("libstm32tvm_c has version " + api.stm32tvm_c_abi_version()
          + " of the C ABI; install one of version " + ABI);
    }
  }

  @FunctionalInterface
  interface Change {
    int call(long[] error);
  }

  @FunctionalInterface
  interface Make {
    int call(long[] made, long[] error);
  }

  @FunctionalInterface
  interface MakeWithOptions {
    int call(CApi.Options options, long[] made, long[] error);
  }

  /** Passes progress on, and keeps what the listener throws: it may not cross the C++ library. */
  private static final class Relay implements CApi.Progress {
    private final ProgressListener listener;
    private Throwable thrown;

    Relay(ProgressListener listener) {
      this.listener = listener;
    }

    @Override
    public int call(String item, long done, long total) {
      try {
        return listener.onProgress(new Progress(item, done, total)) ? 0 : 1;
      } catch (Throwable throwable) {
        thrown = throwable;
        return 1;
      }
    }
  }

  private Calls() {}

  static void check(Change call) throws Stm32tvmException {
    long[] error = new long[1];
    int status = call.call(error);
    if (status == 0) {
      return;
    }
    try {
      String name = api.stm32tvm_status_name(status);
      if (error[0] == 0) {
        throw new Stm32tvmException(status, name, name.replace('_', ' '), "");
      }
      throw new Stm32tvmException(api.stm32tvm_error_status(error[0]), name,
          api.stm32tvm_error_message(error[0]), api.stm32tvm_error_where(error[0]));
    } finally {
      api.stm32tvm_error_free(error[0]);
    }
  }

  /** The handle that the call makes. */
  static long make(Make call) throws Stm32tvmException {
    long[] made = new long[1];
    check(error -> call.call(made, error));
    return made[0];
  }

  /** The same for a function with options, and a listener or null. */
  static long make(Options<?> options, ProgressListener listener, MakeWithOptions call) throws Stm32tvmException {
    Relay relay = listener == null ? null : new Relay(listener);
    CApi.Options given = new CApi.Options(options.json(), relay);
    try {
      return make((made, error) -> call.call(given, made, error));
    } catch (Stm32tvmException exception) {
      if (relay != null && relay.thrown != null) {
        throw Calls.<RuntimeException>unchecked(relay.thrown);
      }
      throw exception;
    }
  }

  /** The text that the call makes. */
  static String text(Make call) throws Stm32tvmException {
    long text = make(call);
    try {
      return api.stm32tvm_text_data(text);
    } finally {
      api.stm32tvm_text_free(text);
    }
  }

  /** Lists of records cannot be changed. */
  private static List<?> list(JsonElement array, Type type, JsonDeserializationContext context) {
    Type element = ((ParameterizedType) type).getActualTypeArguments()[0];
    List<Object> values = new ArrayList<>();
    array.getAsJsonArray().forEach(each -> values.add(context.deserialize(each, element)));
    return Collections.unmodifiableList(values);
  }

  /** A record from the JSON object that has its components, and others. */
  static <R> R record(Class<R> kind, String json) {
    return GSON.fromJson(json, kind);
  }

  /** The rest of a buffer, whose position stays as it is. */
  static byte[] bytesOf(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.duplicate().get(bytes);
    return bytes;
  }

  /** Whatever a listener throws comes out of the call, also what its interface does not declare. */
  @SuppressWarnings("unchecked")
  private static <T extends Throwable> T unchecked(Throwable throwable) throws T {
    throw (T) throwable;
  }
}

// SPDX-License-Identifier: Apache-2.0
package stm32tvm;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;

/**
 * Options of a call: those that are set. What is not set is left to the library.
 *
 * @param <Self> the options of one call
 */
public abstract sealed class Options<Self extends Options<Self>>
    permits Limits, NetworkOptions, PlanOptions, EmitOptions {
  private final JsonObject values = new JsonObject();

  Options() {}

  /**
   * Sets an option that has no method of its own, by its key in docs/c-abi.md of the project.
   *
   * @param key as it is there: "whole_operators"
   * @param json the value as JSON
   * @return these options
   * @throws com.google.gson.JsonParseException if it is no JSON
   */
  public final Self option(String key, String json) {
    return set(key, JsonParser.parseString(json));
  }

  final Self set(String key, JsonElement value) {
    values.add(key, value);
    return self();
  }

  final Self set(String key, String value) {
    values.addProperty(key, value);
    return self();
  }

  final Self set(String key, long value) {
    values.addProperty(key, value);
    return self();
  }

  final Self set(String key, boolean value) {
    values.addProperty(key, value);
    return self();
  }

  final Self set(String key, String[] values) {
    JsonArray array = new JsonArray();
    for (String each : values) {
      array.add(each);
    }
    return set(key, array);
  }

  final JsonElement get(String key) {
    return values.get(key);
  }

  @SuppressWarnings("unchecked")
  private Self self() {
    return (Self) this;
  }

  final String json() {
    return values.toString();
  }

  /** The options as JSON. */
  @Override
  public final String toString() {
    return json();
  }
}

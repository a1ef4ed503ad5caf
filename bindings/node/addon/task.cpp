// SPDX-License-Identifier: Apache-2.0
#include "task.hpp"

#include <cstdint>
#include <exception>
#include <iterator>
#include <utility>

namespace stm32tvm_node {

void Cancellation::cancel() {
  const std::lock_guard lock(mutex_);
  is_cancelled_ = true;
  changed_.notify_all();
}

bool Cancellation::is_cancelled() {
  const std::lock_guard lock(mutex_);
  return is_cancelled_;
}

void Cancellation::answer(bool goes_on) {
  const std::lock_guard lock(mutex_);
  is_answered_ = true;
  is_cancelled_ = is_cancelled_ || !goes_on;
  changed_.notify_all();
}

bool Cancellation::wait_for_answer() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return is_answered_ || is_cancelled_; });
  is_answered_ = false;
  return !is_cancelled_;
}

namespace {

/// What the call's thread tells, and waits for JavaScript to answer.
struct Question {
  std::string item;
  std::uint64_t done = 0;
  std::uint64_t total = 0;
  std::shared_ptr<Cancellation> cancellation;
};

/// On JavaScript's thread. There is no `env` when that ends: then the call stops.
void answer(napi_env env, napi_value function, void* /*context*/, void* data) {
  const std::unique_ptr<Question> question(static_cast<Question*>(data));
  bool goes_on = false;
  if (env != nullptr && !question->cancellation->is_cancelled()) {
    try {
      const napi_value arguments[] = {to_value(env, question->item), to_value(env, static_cast<double>(question->done)),
                                      to_value(env, static_cast<double>(question->total))};
      napi_value returned = nullptr;
      check(env, napi_call_function(env, undefined(env), function, std::size(arguments), arguments, &returned));
      check(env, napi_get_value_bool(env, returned, &goes_on));
    } catch (const Thrown&) {
      goes_on = false;
    }
  }
  question->cancellation->answer(goes_on);
}

struct Task {
  Call call;
  ResultOf result;
  std::string json;
  std::shared_ptr<Cancellation> cancellation;
  napi_threadsafe_function progress = nullptr;
  napi_deferred deferred = nullptr;
  napi_async_work work = nullptr;
  stm32tvm_status status = STM32TVM_OK;
  stm32tvm_error* error = nullptr;
};

bool goes_on(const Task& task, std::string item, std::uint64_t done, std::uint64_t total) {
  if (task.cancellation->is_cancelled()) {
    return false;
  }
  if (task.progress == nullptr) {
    return true;
  }
  auto question = std::make_unique<Question>(Question{std::move(item), done, total, task.cancellation});
  if (napi_call_threadsafe_function(task.progress, question.get(), napi_tsfn_blocking) != napi_ok) {
    return false;
  }
  static_cast<void>(question.release());  // answer()'s
  return task.cancellation->wait_for_answer();
}

int tell(void* payload, const char* item, std::size_t item_size, std::uint64_t done, std::uint64_t total) {
  try {
    return goes_on(*static_cast<Task*>(payload), std::string(item, item_size), done, total) ? 0 : 1;
  } catch (const std::exception&) {
    return 1;
  }
}

void execute(napi_env /*env*/, void* data) {
  Task& task = *static_cast<Task*>(data);
  stm32tvm_options options = STM32TVM_OPTIONS_INIT;
  options.json = task.json.data();
  options.json_size = task.json.size();
  if (task.cancellation != nullptr) {
    options.progress = tell;
    options.progress_payload = &task;
  }
  try {
    task.status = task.call(options, &task.error);
  } catch (const std::exception&) {
    task.status = STM32TVM_OUT_OF_MEMORY;
  }
}

napi_value failure(napi_env env, const Task& task) {
  napi_value object = new_object(env);
  const stm32tvm_status status = task.error == nullptr ? task.status : stm32tvm_error_status(task.error);
  const std::string_view code = stm32tvm_status_name(status);
  const auto message = [](const stm32tvm_error* error, std::size_t* size) {
    return stm32tvm_error_message(error, size);
  };
  const auto where = [](const stm32tvm_error* error, std::size_t* size) { return stm32tvm_error_where(error, size); };
  set(env, object, "status", to_value(env, static_cast<double>(status)));
  set(env, object, "code", to_value(env, code));
  set(env, object, "message", to_value(env, task.error == nullptr ? code : text_of(message, task.error)));
  set(env, object, "where", to_value(env, text_of(where, task.error)));
  return object;
}

void settle(napi_env env, const Task& task) {
  try {
    if (task.status == STM32TVM_OK) {
      check(env, napi_resolve_deferred(env, task.deferred, task.result(env)));
    } else {
      check(env, napi_reject_deferred(env, task.deferred, failure(env, task)));
    }
  } catch (const Thrown&) {
    napi_value exception = nullptr;
    if (napi_get_and_clear_last_exception(env, &exception) == napi_ok) {
      napi_reject_deferred(env, task.deferred, exception);
    }
  }
}

/// On JavaScript's thread.
void complete(napi_env env, napi_status status, void* data) {
  const std::unique_ptr<Task> task(static_cast<Task*>(data));
  if (status == napi_cancelled) {
    task->status = STM32TVM_CANCELLED;
  }
  settle(env, *task);
  stm32tvm_error_free(task->error);
  if (task->progress != nullptr) {
    napi_release_threadsafe_function(task->progress, napi_tsfn_release);
  }
  napi_delete_async_work(env, task->work);
}

}  // namespace

napi_value start(napi_env env, const CallOptions& options, Call call, ResultOf result) {
  auto task = std::make_unique<Task>();
  task->call = std::move(call);
  task->result = std::move(result);
  task->json = options.json;
  napi_value name = to_value(env, "stm32tvm");
  if (options.cancellation != nullptr) {
    task->cancellation = unwrapped<Cancellation>(env, cancellation_tag, options.cancellation);
    if (!is_nothing(env, options.progress)) {
      check(env, napi_create_threadsafe_function(env, options.progress, nullptr, name, 0, 1, nullptr, nullptr, nullptr,
                                                 answer, &task->progress));
    }
  }
  napi_value promise = nullptr;
  check(env, napi_create_promise(env, &task->deferred, &promise));
  check(env, napi_create_async_work(env, nullptr, name, execute, complete, task.get(), &task->work));
  check(env, napi_queue_async_work(env, task->work));
  static_cast<void>(task.release());  // complete()'s
  return promise;
}

napi_value start_text(napi_env env, std::function<stm32tvm_status(stm32tvm_text**, stm32tvm_error**)> make) {
  auto made = std::make_shared<std::string>();
  return start(
      env, {},
      [made, make = std::move(make)](const stm32tvm_options&, stm32tvm_error** error) {
        stm32tvm_text* text = nullptr;
        const stm32tvm_status status = make(&text, error);
        *made =
            text_of([](const stm32tvm_text* from, std::size_t* size) { return stm32tvm_text_data(from, size); }, text);
        stm32tvm_text_free(text);
        return status;
      },
      [made](napi_env in) { return to_value(in, *made); });
}

}  // namespace stm32tvm_node

# The network is in the iterator's table, and in an image that knows it by the iterator alone.
set_property(TARGET stvm_runtime APPEND PROPERTY STVM_MODELS @NAME@)
target_link_libraries(stvm_runtime INTERFACE @NAME@)
if(STVM_MODELS_IN_SECTION)
  target_link_options(@NAME@ INTERFACE -Wl,-u,@KEPT_SYMBOL@)
endif()

# SPDX-License-Identifier: Apache-2.0
# What "cmake --install" puts where. The package is relocatable: no path of this build is in it.
include(CMakePackageConfigHelpers)
include(GNUInstallDirs)

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/stm32tvm)

# Libraries for this machine: stm32tvm::stm32tvm, stm32tvm::c, stm32tvm::runtime.
install(TARGETS stm32tvm EXPORT stm32tvm
  LIBRARY COMPONENT library NAMELINK_COMPONENT development
  RUNTIME COMPONENT library
  ARCHIVE COMPONENT development
  FILE_SET HEADERS COMPONENT development)
install(TARGETS stm32tvm_runtime EXPORT stm32tvm ARCHIVE COMPONENT development)
if(STM32TVM_BUILD_C)
  install(TARGETS stm32tvm_c EXPORT stm32tvm
    LIBRARY COMPONENT library NAMELINK_COMPONENT development
    RUNTIME COMPONENT library
    ARCHIVE COMPONENT development
    FILE_SET HEADERS COMPONENT development)
endif()
install(EXPORT stm32tvm NAMESPACE stm32tvm:: DESTINATION ${package_dir} FILE stm32tvm-libraries.cmake
  COMPONENT development)

# The device runtime: as files for other build systems, and as headers of stm32tvm::runtime.
install(DIRECTORY runtime_c DESTINATION ${CMAKE_INSTALL_DATADIR}/stm32tvm COMPONENT development)

# The program and what calls it from a CMake build; of use without the libraries, so that a cross build finds it too.
if(STM32TVM_BUILD_CLI)
  install(TARGETS stm32tvm_cli RUNTIME COMPONENT tools)
endif()
configure_package_config_file(cmake/stm32tvm-config.cmake.in ${CMAKE_CURRENT_BINARY_DIR}/stm32tvm-config.cmake
  INSTALL_DESTINATION ${package_dir} PATH_VARS CMAKE_INSTALL_BINDIR)
# For any architecture: a cross build uses the program alone. The libraries check their own.
write_basic_package_version_file(${CMAKE_CURRENT_BINARY_DIR}/stm32tvm-config-version.cmake
  COMPATIBILITY SameMajorVersion ARCH_INDEPENDENT)
install(FILES
  ${CMAKE_CURRENT_BINARY_DIR}/stm32tvm-config.cmake
  ${CMAKE_CURRENT_BINARY_DIR}/stm32tvm-config-version.cmake
  cmake/Stm32tvmAddNetwork.cmake
  DESTINATION ${package_dir} COMPONENT development)

cmake_path(RELATIVE_PATH CMAKE_INSTALL_PREFIX BASE_DIRECTORY ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig
  OUTPUT_VARIABLE pkgconfig_to_prefix)
# A static library does not bring what it is made of itself.
if(BUILD_SHARED_LIBS)
  set(pkgconfig_requires Requires.private)
else()
  set(pkgconfig_requires Requires)
endif()
foreach(module IN ITEMS stm32tvm stm32tvm_c)
  configure_file(cmake/${module}.pc.in ${CMAKE_CURRENT_BINARY_DIR}/${module}.pc @ONLY)
  if(TARGET ${module})
    install(FILES ${CMAKE_CURRENT_BINARY_DIR}/${module}.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig
      COMPONENT development)
  endif()
endforeach()
install(FILES LICENSE README.md CHANGELOG.md DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT development)

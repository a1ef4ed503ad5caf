// SPDX-License-Identifier: Apache-2.0
// Puts the addon and the library that it loads into native/: those of the folder that STM32TVM_NATIVE names, or those that
// CMake builds from the repository that this folder lies in. npm runs it before it packs this folder or refers to it.
'use strict';

const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const native = path.join(__dirname, 'native');
const files = ['stm32tvm.node', process.platform === 'darwin' ? 'libstm32tvm_c.1.dylib' : 'libstm32tvm_c.so.1'];

function built() {
  const repository = path.resolve(__dirname, '..', '..');
  const folder = path.join(repository, 'build', 'node');
  const cmake = (...options) => execFileSync('cmake', options, { stdio: 'inherit' });
  // The headers of a Node that is not the system's are beside it.
  cmake('-G', 'Ninja', '-S', repository, '-B', folder, '-DCMAKE_BUILD_TYPE=Release', '-DSTM32TVM_BUILD_TESTS=OFF',
    '-DSTM32TVM_BUILD_CLI=OFF', '-DSTM32TVM_BUILD_NODE=ON',
    `-DCMAKE_PREFIX_PATH=${path.resolve(process.execPath, '..', '..')}`);
  cmake('--build', folder, '--target', 'stm32tvm_node');
  return path.join(folder, 'lib');
}

const folder = process.env.STM32TVM_NATIVE || built();
fs.mkdirSync(native, { recursive: true });
for (const file of files) {
  fs.copyFileSync(path.join(folder, file), path.join(native, file));
}

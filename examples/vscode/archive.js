// SPDX-License-Identifier: Apache-2.0
// The archive that a command works on.
'use strict';

const vscode = require('vscode');

/** Asks for an archive; undefined when the user does not want one. */
async function pickArchive() {
  const picked = await vscode.window.showOpenDialog({
    title: 'Model Library Format archive of TVM',
    filters: { Archives: ['tar', 'tgz', 'gz'] },
  });
  return picked?.[0];
}

module.exports = { pickArchive };

// SPDX-License-Identifier: Apache-2.0
// What the extension adds to the editor: a view of a network, and the command that makes a project of it.
'use strict';

const vscode = require('vscode');
const { pickArchive } = require('./archive');
const { generate } = require('./generate');
const { NetworkView } = require('./network_view');

/**
 * A command on the archive that was clicked, or else on one that is picked. What fails is told.
 * @param {(archive: vscode.Uri) => Promise<void>} run
 * @param {() => vscode.Uri | undefined} current the archive for a command that was not called on one
 */
function onArchive(run, current) {
  return async (/** @type {vscode.Uri | undefined} */ clicked) => {
    const archive = clicked ?? current() ?? (await pickArchive());
    if (archive) {
      try {
        await run(archive);
      } catch (error) {
        vscode.window.showErrorMessage(error instanceof Error ? error.message : String(error));
      }
    }
  };
}

/** @param {vscode.ExtensionContext} context */
function activate(context) {
  const view = new NetworkView();
  context.subscriptions.push(
    vscode.window.registerTreeDataProvider(NetworkView.id, view),
    vscode.commands.registerCommand('stm32tvm.show', onArchive((archive) => view.show(archive), () => undefined)),
    vscode.commands.registerCommand('stm32tvm.generate', onArchive(generate, () => view.archive)));
}

module.exports = { activate };

// SPDX-License-Identifier: Apache-2.0
// "Generate STM32 Project": asks for a board and a folder, and writes the firmware's sources there.
'use strict';

const vscode = require('vscode');
const { MemoryPlan, ModelLibrary, ProjectEmitter, Stm32tvmError, targets } = require('stm32tvm');

const isError = (/** @type {unknown} */ error, /** @type {string} */ code) =>
  error instanceof Stm32tvmError && error.code === code;

async function pickBoard() {
  const boards = (await targets()).map(({ name, description }) => ({ label: name, description }));
  const picked = await vscode.window.showQuickPick(boards, { title: 'Board', matchOnDescription: true });
  return picked?.label;
}

async function pickFolder() {
  const picked = await vscode.window.showOpenDialog({
    title: 'Folder of the project',
    openLabel: 'Generate Here',
    canSelectFiles: false,
    canSelectFolders: true,
  });
  return picked?.[0];
}

/** @param {readonly import('stm32tvm').Module[]} modules */
async function pickModule(modules) {
  const names = modules.map(({ name, executor }) => ({ label: name, description: executor }));
  const picked = names.length === 1 ? names[0] : await vscode.window.showQuickPick(names, { title: 'Module' });
  return picked?.label;
}

/**
 * From the archive to the files in memory; undefined when the user wants none of several modules.
 * @param {vscode.Uri} archive
 * @param {string} target
 * @param {import('stm32tvm').ProgressOptions} progress
 */
async function emit(archive, target, progress) {
  const library = await ModelLibrary.open(archive.fsPath, progress);
  const module = await pickModule(library.modules);
  if (module === undefined) {
    return undefined;
  }
  const network = await library.network(module, progress);
  return ProjectEmitter.emit(await MemoryPlan.make(network), { target, ...progress });
}

/**
 * The same with a notification that tells how far it has come and can cancel; undefined when it was cancelled.
 * @param {vscode.Uri} archive
 * @param {string} target
 */
async function emitInForeground(archive, target) {
  const options = { location: vscode.ProgressLocation.Notification, title: 'Generating STM32 project', cancellable: true };
  return vscode.window.withProgress(options, async (notification, token) => {
    const abort = new AbortController();
    token.onCancellationRequested(() => abort.abort());
    try {
      return await emit(archive, target, {
        signal: abort.signal,
        onProgress: ({ item, done, total }) => notification.report({ message: `${done} of ${total}: ${item}` }),
      });
    } catch (error) {
      if (isError(error, 'cancelled')) {
        return undefined;
      }
      throw error;
    }
  });
}

/**
 * Writes the files; undefined when the user wants to keep what was edited.
 * @param {import('stm32tvm').SourceTree} tree
 * @param {vscode.Uri} folder
 */
async function write(tree, folder) {
  try {
    return await tree.writeTo(folder.fsPath);
  } catch (error) {
    if (!isError(error, 'cannot_write')) {
      throw error;
    }
    const message = /** @type {Error} */ (error).message;
    const answer = await vscode.window.showWarningMessage(message, { modal: true }, 'Replace');
    return answer && tree.writeTo(folder.fsPath, { replaceEdited: true });
  }
}

/** @param {vscode.Uri} archive */
async function generate(archive) {
  const board = await pickBoard();
  const folder = board && (await pickFolder());
  const tree = folder && (await emitInForeground(archive, board));
  const written = tree && (await write(tree, folder));
  if (!written) {
    return;
  }
  const message = `${written.changed.length} files written, ${written.unchanged} were up to date.`;
  if (await vscode.window.showInformationMessage(message, 'Open Folder')) {
    await vscode.commands.executeCommand('vscode.openFolder', folder);
  }
}

module.exports = { generate };

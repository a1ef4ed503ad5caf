// SPDX-License-Identifier: Apache-2.0
// The extension in a stand-in for the editor. STM32TVM_EXPECTED is what the command-line program generates.
'use strict';

const assert = require('node:assert/strict');
const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { after, beforeEach, test } = require('node:test');
const vscode = require('vscode');
const { activate } = require('./extension.js');
const manifest = require('./package.json');

const archive = { fsPath: path.join(process.env.STM32TVM_DATA, 'digits_int8', 'graph.tar') };
const work = fs.mkdtempSync(path.join(os.tmpdir(), 'stm32tvm-'));
after(() => fs.rmSync(work, { recursive: true }));

const context = { subscriptions: [] };
activate(context);
const view = vscode.views.get('stm32tvm.network');

const logged = (name) => vscode.log.filter((entry) => entry[0] === name).map((entry) => entry.slice(1));

/** The lines of the view, indented. */
function lines(items = view.getChildren(), indent = '') {
  return items.flatMap((item) => {
    const { label, description } = view.getTreeItem(item);
    return [`${indent}${label}: ${description}`, ...lines(view.getChildren(item), `${indent}  `)];
  });
}

/** The user picks the board, and a new folder, which is given back. */
function userPicks(board) {
  const folder = fs.mkdtempSync(path.join(work, 'project-'));
  vscode.user.showQuickPick = (boards) => boards.find(({ label }) => label === board);
  vscode.user.showOpenDialog = () => [{ fsPath: folder }];
  return folder;
}

beforeEach(() => {
  vscode.log.length = 0;
  Object.keys(vscode.user).forEach((name) => delete vscode.user[name]);
});

test('the manifest has what the editor and its packager want', () => {
  for (const key of ['name', 'version', 'publisher', 'engines', 'main', 'license', 'displayName', 'description']) {
    assert(manifest[key], key);
  }
  assert(fs.existsSync(manifest.main) && fs.existsSync('README.md') && fs.existsSync('.vscodeignore'));
  const { commands, menus, views, viewsWelcome } = manifest.contributes;
  const names = commands.map(({ command }) => command);
  assert.deepEqual(names, [...vscode.registered.keys()]);
  assert.deepEqual(views.explorer.map(({ id }) => id), [...vscode.views.keys()]);
  assert.equal(context.subscriptions.length, 3);
  for (const { command, when } of Object.values(menus).flat()) {
    assert(names.includes(command) && /^(resourceExtname == \.tar|view == stm32tvm\.network)$/.test(when));
  }
  assert.equal(viewsWelcome[0].view, 'stm32tvm.network');
  assert(names.includes(/command:([a-z0-9.]+)/.exec(viewsWelcome[0].contents)[1]));
  for (const name of Object.keys(manifest.dependencies)) {
    assert(fs.existsSync(path.join('node_modules', name, 'package.json')));
  }
});

test('the view shows RAM, flash and tensors', async () => {
  assert.deepEqual(view.getChildren(), []);
  let changes = 0;
  view.onDidChangeTreeData(() => changes++);
  await vscode.run('stm32tvm.show', archive);
  assert.equal(changes, 1);
  const [network, ...shown] = lines();
  assert.equal(network, 'default: 6 operators, graph');

  // What the command-line program says of the same archive.
  const analyzed = execFileSync(process.env.STM32TVM_CLI, ['analyze', '--json', '--model', archive.fsPath]);
  const { memory } = JSON.parse(analyzed);
  const bytes = (count) => `${count.toLocaleString('en')} bytes`;
  assert(memory.arena_bytes > 0 && memory.weights_bytes > 0);
  for (const line of [
    `  RAM: ${bytes(memory.ram_bytes)}`,
    `    Arena: ${bytes(memory.arena_bytes)}`,
    `  Stack: ${bytes(memory.stack_bytes)}`,
    `  Flash: ${bytes(memory.weights_bytes + memory.tables_bytes)}`,
    `    Weights: ${bytes(memory.weights_bytes)}`,
    '    image: int8[1, 8, 8, 1]',
  ]) {
    assert(shown.includes(line), `${line} is not in\n${shown.join('\n')}`);
  }
  const groups = Object.fromEntries(view.getChildren(view.getChildren()[0]).map((item) => [item.label, item]));
  const count = ['Inputs', 'Outputs', 'Parameters', 'Inner tensors']
    .map((label) => groups[label].children.length).reduce((sum, each) => sum + each);
  assert.equal(count, 24);
  assert.match(view.getTreeItem(groups.Inputs.children[0]).tooltip, /^64 bytes\nscale 0\.00392157, zero point -128$/);
});

test('an archive that cannot be read is told of, and the view stays', async () => {
  const before = lines();
  await vscode.run('stm32tvm.show', { fsPath: path.join(work, 'none.tar') });
  assert.match(logged('showErrorMessage')[0][0], /none\.tar: there is no such file/);
  assert.deepEqual(lines(), before);
});

test('without a file the user is asked for one', async () => {
  vscode.user.showOpenDialog = () => [archive];
  await vscode.run('stm32tvm.show');
  delete vscode.user.showOpenDialog;
  await vscode.run('stm32tvm.show');
  assert.equal(logged('showOpenDialog').length, 2);
  assert.equal(logged('withProgress').length, 1);
});

test('a project is generated as the command line does, with progress', async () => {
  const folder = userPicks('netduinoplus2');
  const messages = [];
  vscode.user.report = ({ message }) => messages.push(message);
  vscode.user.showInformationMessage = (text, button) => button;
  await vscode.run('stm32tvm.generate', archive);
  assert.deepEqual(logged('showErrorMessage'), []);
  execFileSync('diff', ['-r', process.env.STM32TVM_EXPECTED, folder]);
  assert(messages.length > 5 && messages.every((message) => /^\d+ of \d+: ./.test(message)));
  assert.equal(logged('withProgress')[0][0].cancellable, true);
  assert.deepEqual(logged('executeCommand'), [['vscode.openFolder', { fsPath: folder }]]);
});

test('nothing is written when the user cancels', async () => {
  const folder = userPicks('netduinoplus2');
  vscode.user.report = (value, cancel) => cancel();
  await vscode.run('stm32tvm.generate', archive);
  assert.deepEqual(fs.readdirSync(folder), []);
  assert.deepEqual([...logged('showErrorMessage'), ...logged('showInformationMessage')], []);
});

test('nothing is done when a dialog is dismissed', async () => {
  userPicks('netduinoplus2');
  delete vscode.user.showOpenDialog;
  await vscode.run('stm32tvm.generate', archive);
  delete vscode.user.showQuickPick;
  await vscode.run('stm32tvm.generate', archive);
  assert.deepEqual(vscode.log.map(([name]) => name), ['showQuickPick', 'showOpenDialog', 'showQuickPick']);
});

test('edited files are replaced only when the user says so', async () => {
  const folder = userPicks('netduinoplus2');
  await vscode.run('stm32tvm.generate', archive);
  const edited = path.join(folder, 'CMakeLists.txt');
  const emitted = fs.readFileSync(edited, 'utf8');
  fs.appendFileSync(edited, '# edited\n');
  await vscode.run('stm32tvm.generate', archive);
  assert.match(logged('showWarningMessage')[0][0], /CMakeLists\.txt/);
  assert.equal(fs.readFileSync(edited, 'utf8'), `${emitted}# edited\n`);
  vscode.user.showWarningMessage = (message, options, button) => button;
  await vscode.run('stm32tvm.generate', archive);
  assert.equal(fs.readFileSync(edited, 'utf8'), emitted);
});

test('an archive of two modules shows both, and asks which one is generated', async () => {
  const folder = path.join(work, 'two');
  fs.mkdirSync(folder);
  execFileSync('tar', ['-xf', archive.fsPath, '-C', folder]);
  for (const file of execFileSync('find', [folder, '-name', 'default*'], { encoding: 'utf8' }).trim().split('\n')) {
    fs.copyFileSync(file, file.replace(/default([^/]*)$/, 'other$1'));
  }
  const metadata = path.join(folder, 'metadata.json');
  const { modules, ...rest } = JSON.parse(fs.readFileSync(metadata, 'utf8'));
  fs.writeFileSync(metadata, JSON.stringify({ ...rest, modules: { ...modules, other: modules.default } }));

  await vscode.run('stm32tvm.show', { fsPath: folder });
  assert.deepEqual(view.getChildren().map(({ label }) => label), ['default', 'other']);
  const project = userPicks('netduinoplus2');
  await vscode.run('stm32tvm.generate');
  assert.deepEqual(logged('showQuickPick')[1][0].map(({ label }) => label), ['default', 'other']);
  assert.deepEqual(fs.readdirSync(project), []);
  vscode.user.showQuickPick = (items, { title }) =>
    items.find(({ label }) => label === (title === 'Module' ? 'other' : 'netduinoplus2'));
  await vscode.run('stm32tvm.generate');
  assert(fs.existsSync(path.join(project, 'firmware')));
});

test('what fails in a generation is told of', async () => {
  userPicks('netduinoplus2');
  await vscode.run('stm32tvm.generate', { fsPath: path.join(process.env.STM32TVM_DATA, 'digits_int8', 'in0_0.bin') });
  assert.match(logged('showErrorMessage')[0][0], /no tar or zip file/);
});

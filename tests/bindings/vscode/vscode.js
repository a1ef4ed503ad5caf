// SPDX-License-Identifier: Apache-2.0
// A stand-in for the editor: the tests say what its user does, and see what was shown.
'use strict';

class EventEmitter {
  #listeners = [];
  event = (listener) => {
    this.#listeners.push(listener);
    return { dispose() {} };
  };
  fire(data) {
    this.#listeners.forEach((listener) => listener(data));
  }
}

class TreeItem {
  constructor(label, state) {
    this.label = label;
    this.collapsibleState = state;
  }
}

class ThemeIcon {
  constructor(id) {
    this.id = id;
  }
}

/** By name: what the user does in each dialog. undefined dismisses it. */
const user = {};
/** What was shown and called, in order. */
const log = [];
const views = new Map();
const commandsByName = new Map();

const asks = (name) => async (...shown) => {
  log.push([name, ...shown]);
  return user[name]?.(...shown);
};

module.exports = {
  user, log, views,
  run: (command, ...rest) => commandsByName.get(command)(...rest),
  registered: commandsByName,
  EventEmitter, TreeItem, ThemeIcon,
  TreeItemCollapsibleState: { None: 0, Collapsed: 1, Expanded: 2 },
  ProgressLocation: { Notification: 15 },
  window: {
    registerTreeDataProvider(id, provider) {
      views.set(id, provider);
      return { dispose: () => views.delete(id) };
    },
    async withProgress(options, task) {
      const cancelled = new EventEmitter();
      log.push(['withProgress', options]);
      const report = (value) => user.report?.(value, () => cancelled.fire());
      return task({ report }, { onCancellationRequested: cancelled.event });
    },
    showErrorMessage: asks('showErrorMessage'),
    showInformationMessage: asks('showInformationMessage'),
    showWarningMessage: asks('showWarningMessage'),
    showOpenDialog: asks('showOpenDialog'),
    showQuickPick: asks('showQuickPick'),
  },
  commands: {
    registerCommand(name, callback) {
      commandsByName.set(name, callback);
      return { dispose: () => commandsByName.delete(name) };
    },
    executeCommand: asks('executeCommand'),
  },
};

// SPDX-License-Identifier: Apache-2.0
// The view in the explorer: the networks of one archive.
'use strict';

const vscode = require('vscode');
const { MemoryPlan, ModelLibrary } = require('stm32tvm');
const { networkItem } = require('./network_items');

/** @typedef {import('./network_items').Item} Item */

/** @implements {vscode.TreeDataProvider<Item>} */
class NetworkView {
  static id = 'stm32tvm.network';

  #changed = /** @type {vscode.EventEmitter<void>} */ (new vscode.EventEmitter());
  /** @type {Item[]} */
  #items = [];

  /**
   * The archive that is shown.
   * @type {vscode.Uri | undefined}
   */
  archive;
  onDidChangeTreeData = this.#changed.event;

  /**
   * Shows what an archive holds. When it cannot be read, what was shown stays.
   * @param {vscode.Uri} archive
   */
  async show(archive) {
    this.#items = await vscode.window.withProgress({ location: { viewId: NetworkView.id } }, async () => {
      const library = await ModelLibrary.open(archive.fsPath);
      return Promise.all(library.modules.map(async ({ name }) => {
        const network = await library.network(name);
        return networkItem(network, await MemoryPlan.make(network));
      }));
    });
    this.archive = archive;
    this.#changed.fire();
  }

  /** @param {Item} [item] */
  getChildren(item) {
    return item ? item.children ?? [] : this.#items;
  }

  /** @param {Item} item */
  getTreeItem({ label, description, tooltip, icon, children }) {
    const { Collapsed, Expanded, None } = vscode.TreeItemCollapsibleState;
    const open = children?.some((child) => child.children) ? Expanded : Collapsed;
    const item = new vscode.TreeItem(label, children?.length ? open : None);
    return Object.assign(item, { description, tooltip, iconPath: icon && new vscode.ThemeIcon(icon) });
  }
}

module.exports = { NetworkView };

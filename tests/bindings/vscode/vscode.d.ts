// SPDX-License-Identifier: Apache-2.0
// What the extension uses of the editor's API, as its documentation has it; vscode.js is a stand-in of the same shape.
interface AbortController { abort(): void }

declare module 'vscode' {
  interface Disposable { dispose(): void }
  interface Uri { readonly fsPath: string }
  interface ExtensionContext { readonly subscriptions: Disposable[] }
  type Event<T> = (listener: (event: T) => void) => Disposable;
  class EventEmitter<T> { event: Event<T>; fire(data: T): void }
  class ThemeIcon { constructor(id: string) }
  enum TreeItemCollapsibleState { None, Collapsed, Expanded }
  class TreeItem {
    constructor(label: string, state?: TreeItemCollapsibleState);
    label?: string;
    description?: string;
    tooltip?: string;
    iconPath?: ThemeIcon;
  }
  interface TreeDataProvider<T> {
    onDidChangeTreeData?: Event<void>;
    getTreeItem(element: T): TreeItem;
    getChildren(element?: T): T[];
  }
  enum ProgressLocation { Notification = 15 }
  interface ProgressOptions { location: ProgressLocation | { viewId: string }; title?: string; cancellable?: boolean }
  interface CancellationToken { onCancellationRequested: Event<unknown> }
  interface Progress { report(value: { message?: string; increment?: number }): void }
  interface QuickPickItem { label: string; description?: string }
  namespace window {
    function registerTreeDataProvider<T>(view: string, provider: TreeDataProvider<T>): Disposable;
    function showErrorMessage(message: string): Promise<string | undefined>;
    function showInformationMessage(message: string, ...items: string[]): Promise<string | undefined>;
    function showWarningMessage(message: string, options: { modal?: boolean }, ...items: string[]): Promise<string | undefined>;
    function showOpenDialog(options: {
      title?: string; openLabel?: string; canSelectFiles?: boolean; canSelectFolders?: boolean; filters?: { [name: string]: string[] };
    }): Promise<Uri[] | undefined>;
    function showQuickPick<T extends QuickPickItem>(
      items: readonly T[], options: { title?: string; matchOnDescription?: boolean }): Promise<T | undefined>;
    function withProgress<R>(
      options: ProgressOptions, task: (progress: Progress, token: CancellationToken) => Promise<R>): Promise<R>;
  }
  namespace commands {
    function registerCommand(command: string, callback: (...args: any[]) => unknown): Disposable;
    function executeCommand(command: string, ...rest: unknown[]): Promise<unknown>;
  }
}

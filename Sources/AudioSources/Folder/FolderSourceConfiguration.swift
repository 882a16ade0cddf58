public import Foundation

/// The settings of a folder source.
public struct FolderSourceConfiguration: Sendable {
    /// The trees of audio files; they are only ever read. Links inside of them are not followed.
    public var roots: [URL]
    /// The database of the index, such as `folder-index.db` in the state folder; `nil` in a process that only fetches
    /// files and never searches.
    public var indexPath: URL?
    /// How often the trees are scanned without a cause.
    public var rescanInterval: Duration = .seconds(15 * 60)
    /// A search without a sure hit scans again, unless the last scan ended less than this ago: a file that was put
    /// there a minute ago is found. With zero, every such search scans.
    public var recheckAge: Duration = .seconds(5)
    /// And unless it ended less than so many times its own duration ago: a thousand misses do not keep a share busy.
    public var recheckSpacing = 10
    /// How long a search waits for such a scan.
    public var recheckWait: Duration = .seconds(10)

    public init(roots: [URL], indexPath: URL?) {
        self.roots = roots
        self.indexPath = indexPath
    }
}

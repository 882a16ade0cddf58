public import Foundation
public import ServiceKit

/// The configuration of a folder source.
public struct FolderSourceConfiguration: Sendable {
    /// The folder trees with audio files. They are only read; links inside them are not followed.
    public var roots: [URL]
    /// The database of the index, such as `folder-index.db` in the state folder; `nil` in a process that only fetches
    /// files and never searches.
    public var indexPath: URL?
    /// The time between two scheduled scans of the trees.
    public var rescanInterval: Duration = .seconds(15 * 60)
    /// A search without a strong hit scans again unless the last scan ended less than this ago. So a file that was
    /// added a minute ago is found. Zero scans for every such search.
    public var recheckAge: Duration = .seconds(5)
    /// The smallest time between two such scans, as a multiple of the last scan's duration. So a thousand misses do
    /// not keep a network share busy.
    public var recheckSpacing = 10
    /// How long a search waits for such a scan.
    public var recheckWait: Duration = .seconds(10)

    public init(roots: [URL], indexPath: URL?) {
        self.roots = roots
        self.indexPath = indexPath
    }
}

extension FolderSourceConfiguration {
    private static let folders = SourceSetting(
        "HDM_FOLDER_SOURCE_DIRS", "folders with audio files, separated by colons; they are only read")
    private static let rescan = IntegerSetting(
        "HDM_FOLDER_RESCAN_S", default: 900, in: 10...604_800, "seconds between two scans of the folders")
    private static let recheck = IntegerSetting(
        "HDM_FOLDER_RECHECK_S", default: 5, in: 0...86_400,
        "a search without a result scans again when the last scan is older than so many seconds; 0 for every such search"
    )

    /// The settings that ``init(_:indexPath:)`` reads.
    static let settings = [folders, rescan.documentation, recheck.documentation]

    /// Reads the configuration from the settings.
    /// - Throws: `SettingsError`.
    public init(_ settings: Settings, indexPath: URL?) throws(SettingsError) {
        let paths = settings.list(Self.folders.name, separator: ":")
        self.init(roots: paths.map { URL(filePath: $0) }, indexPath: indexPath)
        rescanInterval = try Self.rescan.seconds(in: settings)
        recheckAge = try Self.recheck.seconds(in: settings)
    }
}

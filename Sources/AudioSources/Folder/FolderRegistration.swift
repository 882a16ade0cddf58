import Foundation

extension SourceRegistration {
    /// Folders with audio files on local or mounted disks.
    public static let folder = SourceRegistration(
        FolderSource.sourceName, summary: "Searches and copies files in folders of your own.",
        settings: FolderSourceConfiguration.settings, isOwnCollection: true,
        search: { environment in
            let index = environment.stateDir.appending(path: "folder-index.db")
            let source = try await FolderSource.make(environment, indexPath: index)
            return SourcePart(source, services: [BackgroundService { try await source.run() }])
        },
        // Copying needs no index: a candidate names its file.
        fetch: { SourcePart(try await FolderSource.make($0, indexPath: nil)) })
}

extension FolderSource {
    fileprivate static func make(_ environment: SourceEnvironment, indexPath: URL?) async throws -> FolderSource {
        let configuration = try FolderSourceConfiguration(environment.settings, indexPath: indexPath)
        return try await blocking { try FolderSource(configuration, logger: environment.logger) }
    }
}

import AudioSources
import Contracts
import Foundation
import Logging
import ServiceKit
import TestSupport

/// A source in an environment in which it works and offers one file.
///
/// A new source adds one conformer and lists it in ``SourceConformanceTests/sources``.
protocol SourceFixture: Sendable {
    static var registration: SourceRegistration { get }

    /// Runs a test with a source that offers the file ``content``, and removes everything afterwards.
    static func run(_ test: (Self) async throws -> Void) async throws

    /// The settings with which the source works.
    var settings: [String: String] { get }
    /// A folder for the test alone.
    var folder: URL { get }
    /// The only offered file. Its name contains the words of ``SourceConformanceTests/wanted``. It is so large that a
    /// transfer reports progress before its end.
    var content: Data { get }

    /// Makes the source unusable, as a missing disk or network does.
    func disconnect() async throws

    /// Files and transfers outside the job's folder that belong to transfers of HDM.
    func leftovers() async throws -> [String]

    /// How often the source's provider was told to transfer the file; `nil` where there is no provider.
    var orders: Int? { get }
}

extension SourceFixture {
    var jobFolder: URL { folder.appending(path: "job") }

    /// The names of all files in the job's folder, including hidden ones.
    var jobFiles: [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: jobFolder.filePath)) ?? []).sorted()
    }

    func environment(_ settings: [String: String]) -> SourceEnvironment {
        SourceEnvironment(
            settings: Settings(environment: settings), stateDir: folder.appending(path: "state"),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    /// Runs a test with the source of a process that searches.
    func withSearch(_ test: (any SearchSource) async throws -> Void) async throws {
        let part = try await Self.registration.makeSearch(environment(settings))
        try await withServices(part) { try await test(part.source) }
    }

    /// Runs a test with the source of a process that fetches files. Each call is a process of its own.
    func withFetch(_ test: (any FetchSource) async throws -> Void) async throws {
        let part = try await Self.registration.makeFetch(environment(settings))
        try await withServices(part) { try await test(part.source) }
    }

    private func withServices<Source>(_ part: SourcePart<Source>, _ test: () async throws -> Void) async throws {
        try await withThrowingTaskGroup { group in
            for service in part.services { group.addTask { try await service.run() } }
            try await test()
            group.cancelAll()
        }
    }
}

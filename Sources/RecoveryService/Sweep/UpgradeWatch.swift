import Contracts
import Files
import Foundation
import ServiceKit
import Synchronization

/// Notices whether `hdm topology upgrade` ran at any time since the watch began, also if it has ended again.
///
/// An upgrade moves messages out of their queues, and replaces queues by empty ones. Nothing that is read meanwhile says
/// where a job is.
final class UpgradeWatch: Sendable {
    private let markers: PauseMarkers
    private let seen = Mutex(false)

    /// A hanging read of the volume ends after this time. It counts as an upgrade, as it is not known.
    private static let limit: Duration = .seconds(5)

    private init(_ markers: PauseMarkers) { self.markers = markers }

    /// Runs `body` with a watch that reads the markers every second.
    static func during<Value>(
        _ markers: PauseMarkers, isolation: isolated (any Actor)? = #isolation,
        _ body: (UpgradeWatch) async throws -> Value
    ) async throws -> Value {
        let watch = UpgradeWatch(markers)
        let task = Task {
            while (try? await Task.sleep(for: .seconds(1))) != nil { _ = await watch.isQuiet() }
        }
        defer { task.cancel() }
        return try await body(watch)
    }

    /// Reads the markers now.
    /// - Returns: `false` if an upgrade runs or ran, or if the markers could not be read.
    func isQuiet() async -> Bool {
        let found = try? await BlockingPool.markers.run(within: Self.limit) { [markers] in
            try (markers.markers() ?? []).contains { $0.scope == .all && $0.command == PauseMarkers.upgrade }
        }
        if found != false, !Task.isCancelled { seen.withLock { $0 = true } }
        return !seen.withLock(\.self)
    }
}

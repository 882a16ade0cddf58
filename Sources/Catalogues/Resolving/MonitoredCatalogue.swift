public import Contracts
import Synchronization

/// A catalogue together with its health.
public struct MonitoredCatalogue: Sendable {
    public let catalogue: any MusicCatalogue
    public let health = CatalogueHealth()

    public init(_ catalogue: any MusicCatalogue) { self.catalogue = catalogue }

    public var name: String { catalogue.name }

    /// Runs a request, and records its outcome.
    func request<Value: Sendable>(
        _ request: @Sendable (any MusicCatalogue) async throws -> Value
    ) async throws -> Value {
        do {
            let value = try await request(catalogue)
            health.record(nil)
            return value
        } catch let error as CatalogueError {
            health.record(error)
            throw error
        }
    }
}

/// The outcome of the last request to a catalogue, for the readiness check.
public final class CatalogueHealth: Sendable {
    private let obstacle = Mutex<CatalogueError?>(nil)

    /// - Parameter error: The error of a request; `nil` for a successful one.
    func record(_ error: CatalogueError?) {
        switch error {
        // In these cases the catalogue has responded.
        case nil, .notFound, .closed, .unsupported, .tooLarge: obstacle.withLock { $0 = nil }
        case .signInNeeded, .paused, .unavailable: obstacle.withLock { $0 = error }
        }
    }

    /// Returns why the catalogue cannot be used now; `nil` when it can.
    public func current(at now: Timestamp = .now) -> CatalogueError? {
        obstacle.withLock { error in
            if case .paused(let until, _) = error, until <= now { return nil }
            return error
        }
    }
}

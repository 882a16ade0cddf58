import Contracts
import Metadata
import ServiceKit
import Synchronization

/// How a catalogue answered last, for the readiness check: jobs that can do without it go on in any case.
final class CatalogueHealth: Sendable {
    private let obstacle = Mutex<CatalogueError?>(nil)

    func note(_ error: CatalogueError?) {
        switch error {
        // An answer, if not the one that was hoped for.
        case nil, .notFound, .closed, .unsupported: obstacle.withLock { $0 = nil }
        case .signInNeeded, .paused, .unavailable: obstacle.withLock { $0 = error }
        }
    }

    /// What stands in the way of asking it; `nil` when nothing does.
    func current(at now: Timestamp = .now) -> CatalogueError? {
        obstacle.withLock { error in
            if case .paused(let until, _) = error, until <= now { return nil }
            return error
        }
    }
}

/// A catalogue, and how it answered last.
struct AskedCatalogue: Sendable {
    let catalogue: any MusicCatalogue
    let standing = CatalogueHealth()

    var name: String { catalogue.name }

    /// Asks, and notes how it went.
    func ask<Value: Sendable>(
        _ question: @Sendable (any MusicCatalogue) async throws -> Value
    ) async throws -> Value {
        do {
            let value = try await question(catalogue)
            standing.note(nil)
            return value
        } catch let error as CatalogueError {
            standing.note(error)
            throw error
        }
    }
}

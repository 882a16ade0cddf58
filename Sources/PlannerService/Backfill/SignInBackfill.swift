import Accounts
import Catalogues
import Contracts
import Databases
import Logging
import ServiceKit
import ServiceLifecycle

/// Begins a backfill of jobs that found nothing when a user signs in at Spotify.
struct SignInBackfill: Service {
    let store: PlannerStore
    let tokens: any SpotifyTokens
    /// The largest number of jobs to look up.
    let items: Int
    /// Raised when a backfill begins.
    let wake: WakeSignal
    let isAllowed: @Sendable () async -> Bool
    let logger: Logger
    /// The interval between checks whether a user is signed in.
    var interval: Duration = .seconds(10)

    func run() async throws {
        await cancelWhenGracefulShutdown {
            repeat {
                if await isAllowed() { await checkLoggingErrors() }
            } while (try? await Task.sleep(for: interval)) != nil
        }
    }

    private func checkLoggingErrors() async {
        do {
            try await check()
        } catch {
            guard !(error is CancellationError) else { return }
            logger.log(
                event: .workerFailed, level: .warning, "could not begin a backfill after a sign-in; trying again",
                metadata: [LogKey.error: .string("\(error)")])
        }
    }

    /// Compares whether a user is signed in with the last check.
    func check() async throws {
        guard let isSignedIn = await isSignedIn(),
            try await store.recordSignIn(isSignedIn, backfillOf: items)
        else { return }
        wake.raise()
    }

    /// - Returns: `nil` when it is unknown.
    private func isSignedIn() async -> Bool? {
        do {
            _ = try await tokens.token(for: .user, refused: nil)
            return true
        } catch let error as TokenError {
            if case .signInNeeded = error { return false }
            return nil
        } catch {
            return nil
        }
    }
}

extension PlannerStore {
    /// Records whether a user is signed in, and begins a backfill of unmatched jobs after a sign-in.
    /// - Returns: whether a backfill began. While another one runs, the sign-in is recorded later.
    func recordSignIn(_ isSignedIn: Bool, backfillOf items: Int) async throws -> Bool {
        let now = clock()
        let value = isSignedIn ? "signed in" : ""
        let before = try await writer.read { db in try Fact.spotifySignIn.value(db) ?? "" }
        guard before != value else { return false }
        return try await writer.write(.onDisk) { db in
            guard try Fact.spotifySignIn.value(db) ?? "" != value else { return false }
            if isSignedIn {
                var terms = BackfillTerms(maxItems: items)
                terms.isForJobsOnly = true
                do {
                    _ = try Self.beginBackfill(terms, at: now, db)
                } catch BackfillError.busy {
                    return false
                }
            }
            try Fact.spotifySignIn.set(value, db)
            return isSignedIn
        }
    }
}

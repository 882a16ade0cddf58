import Contracts
import Foundation
import Hummingbird
import Logging
import ServiceKit

/// `/api/v1/watchlist`: artists and playlists whose new tracks are fetched.
struct WatchlistController: Sendable {
    let store: PlannerStore
    let defaults: WatchDefaults
    let maxBodyBytes: Int
    /// Raised when a check may be due.
    let wake: WakeSignal
    let logger: Logger

    var endpoints: RouteCollection<BasicRequestContext> {
        let routes = RouteCollection(context: BasicRequestContext.self)
        routes.get(use: list)
        routes.post(use: add)
        routes.get(":key", use: show)
        routes.patch(":key", use: change)
        routes.delete(":key", use: remove)
        routes.post(":key/pause", use: pause)
        routes.post(":key/resume", use: resume)
        routes.post(":key/run", use: run)
        return routes
    }

    private typealias Shown = JSONResponse<WatchResponse>

    @Sendable private func list(
        _ request: Request, _ context: BasicRequestContext
    ) async throws
        -> JSONResponse<Listing>
    {
        let entries = try await store.watchlist { error in
            logger.log(
                event: .workerFailed, level: .error, "an entry of the watchlist cannot be read and is left out",
                metadata: [LogKey.error: .string("\(error)")])
        }
        return JSONResponse(Listing(items: entries.map(WatchResponse.init)))
    }

    private struct Listing: Encodable {
        let items: [WatchResponse]
    }

    @Sendable private func show(_ request: Request, _ context: BasicRequestContext) async throws -> Shown {
        guard let entry = try await store.watch(try key(context)) else { throw APIError(WatchError.notFound) }
        return JSONResponse(WatchResponse(entry: entry))
    }

    @Sendable private func add(_ request: Request, _ context: BasicRequestContext) async throws -> Shown {
        let body = try await request.bytes(upTo: maxBodyBytes)
        let entry = try await apiErrors { try await store.add(try NewWatch(body, defaults, at: store.clock())) }
        wake.raise()
        return JSONResponse(WatchResponse(entry: entry), status: .created)
    }

    @Sendable private func change(_ request: Request, _ context: BasicRequestContext) async throws -> Shown {
        let members = try await members(of: request, WatchTerms.members)
        return try await change(context) { entry in
            let before = entry.terms.interval
            try entry.terms.change(members)
            guard before != entry.terms.interval, entry.run == nil, let last = entry.lastRun else { return }
            entry.dueAt = last.startedAt + .seconds(max(entry.terms.interval, entry.terms.cooldown))
        }
    }

    @Sendable private func remove(_ request: Request, _ context: BasicRequestContext) async throws -> Response {
        try await apiErrors { try await store.removeWatch(try key(context)) }
        return Response(status: .noContent)
    }

    @Sendable private func pause(_ request: Request, _ context: BasicRequestContext) async throws -> Shown {
        let members = try await members(of: request, ["reason", "resume_at"])
        return try await change(context) { entry in
            entry.pauseReason = try members.text("reason")
            entry.resumeAt = try members.time("resume_at")
            entry.isPaused = true
        }
    }

    @Sendable private func resume(_ request: Request, _ context: BasicRequestContext) async throws -> Shown {
        try await change(context) { entry in
            entry.isPaused = false
            entry.pauseReason = nil
            entry.resumeAt = nil
        }
    }

    /// Starts a check now, or as soon as the cooldown allows.
    @Sendable private func run(_ request: Request, _ context: BasicRequestContext) async throws -> Shown {
        let now = store.clock()
        return try await change(context) { entry in
            guard entry.run == nil else { return }
            entry.dueAt = min(entry.dueAt, entry.earliestCheck(at: now))
        }
    }
}

extension WatchlistController {
    private func key(_ context: BasicRequestContext) throws -> String {
        guard let text = context.pathPart("key"), let link = try? WatchKey.link(text) else {
            throw APIError(WatchError.notFound)
        }
        return WatchKey.of(link)
    }

    private func members(of request: Request, _ allowed: Set<String>) async throws -> RequestMembers {
        let body = try await request.bytes(upTo: maxBodyBytes)
        return try await apiErrors { try RequestMembers(body, allowed: allowed) }
    }

    private func change(
        _ context: BasicRequestContext, _ change: @escaping @Sendable (inout WatchEntry) throws -> Void
    ) async throws -> Shown {
        let entry = try await apiErrors { try await store.changeWatch(try key(context), change) }
        wake.raise()
        return JSONResponse(WatchResponse(entry: entry))
    }

    private func apiErrors<Value>(_ body: () async throws -> Value) async throws -> Value {
        do {
            return try await body()
        } catch let error as WatchError {
            throw APIError(error)
        } catch let violation as ContractViolation {
            throw APIError(violation)
        }
    }
}

extension APIError {
    fileprivate init(_ error: WatchError) {
        switch error {
        case .notFound: self.init(.notFound, "nothing with this key is watched")
        case .alreadyWatched: self.init(.conflict, "this is watched already; use PATCH to change its settings")
        }
    }
}

import Contracts
import Foundation
import Hummingbird
import ServiceKit

/// `/api/v1/spotify/backfill`: completion of library metadata and of jobs that found nothing.
struct BackfillController: Sendable {
    let store: PlannerStore
    /// `BACKFILL_MAX_ITEMS`.
    let defaultItems: Int
    let maxBodyBytes: Int
    /// Raised when there is something to do.
    let wake: WakeSignal

    private static let members: Set<String> = ["max_items", "expand_playlists", "include_cached_results"]

    var endpoints: RouteCollection<BasicRequestContext> {
        let routes = RouteCollection(context: BasicRequestContext.self)
        routes.post("run", use: run)
        routes.get("jobs", use: list)
        routes.get("jobs/:job_id", use: show)
        for (verb, state) in [("pause", Backfill.State.paused), ("resume", .running), ("cancel", .cancelled)] {
            routes.post("jobs/:job_id/\(verb)") { _, context in try await change(context, state) }
        }
        return routes
    }

    @Sendable private func run(
        _ request: Request, _ context: BasicRequestContext
    ) async throws
        -> JSONResponse<BackfillResponse>
    {
        let body = try await request.bytes(upTo: maxBodyBytes)
        let backfill = try await apiErrors { try await store.beginBackfill(try terms(body)) }
        wake.raise()
        return JSONResponse(response(backfill), status: .accepted)
    }

    private func terms(_ body: Data) throws(ContractViolation) -> BackfillTerms {
        let members = try RequestMembers(body, allowed: Self.members)
        let items = try members.whole("max_items", in: 1...BackfillTerms.maximumItems)
        var terms = BackfillTerms(maxItems: items ?? defaultItems)
        terms.expandsAlbums = try members.flag("expand_playlists") ?? true
        terms.includesKnown = try members.flag("include_cached_results") ?? true
        return terms
    }

    @Sendable private func list(
        _ request: Request, _ context: BasicRequestContext
    ) async throws
        -> JSONResponse<Listing>
    {
        let limit = try request.query("limit", default: 20, in: 1...50)
        return JSONResponse(Listing(jobs: try await store.backfills(limit: limit).map(response)))
    }

    private struct Listing: Encodable {
        var ok = true
        let jobs: [BackfillResponse]
    }

    @Sendable private func show(
        _ request: Request, _ context: BasicRequestContext
    ) async throws
        -> JSONResponse<BackfillResponse>
    {
        guard let backfill = try await store.backfill(try id(context)) else { throw APIError(BackfillError.notFound) }
        return JSONResponse(response(backfill))
    }

    private func change(
        _ context: BasicRequestContext, _ state: Backfill.State
    ) async throws
        -> JSONResponse<BackfillResponse>
    {
        let backfill = try await apiErrors { try await store.setBackfill(try id(context), to: state) }
        wake.raise()
        return JSONResponse(response(backfill))
    }

    private func id(_ context: BasicRequestContext) throws(BackfillError) -> JobID {
        guard let id = context.pathPart("job_id").flatMap({ JobID($0) }) else { throw .notFound }
        return id
    }

    private func response(_ backfill: Backfill) -> BackfillResponse {
        BackfillResponse(backfill: backfill, now: store.clock())
    }

    private func apiErrors<Value>(_ body: () async throws -> Value) async throws -> Value {
        do {
            return try await body()
        } catch let error as BackfillError {
            throw APIError(error)
        } catch let violation as ContractViolation {
            throw APIError(violation)
        }
    }
}

extension APIError {
    fileprivate init(_ error: BackfillError) {
        switch error {
        case .notFound: self.init(.notFound, "there is no backfill with this id")
        case .busy(let id):
            self.init(
                .conflict, "another backfill is running; wait until it ends or cancel it",
                meta: ["job_id": .string(id.text)])
        case .ended(let state): self.init(.conflict, "the backfill has ended: it is \(state.rawValue)")
        }
    }
}

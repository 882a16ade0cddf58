import Contracts
import Hummingbird
import JobLedger
import ServiceKit

/// `/api/v1/internal`: routes for other services, which send the service key.
struct InternalController: Sendable {
    let store: JobStore
    /// The process, as the timeline names it.
    var worker = ServiceName.gateway.rawValue

    private static let pageSizes = 1...1000
    /// The documents of one request: a few of the largest size, or thousands of usual ones.
    private static let largestBody = 8 << 20

    var endpoints: RouteCollection<BasicRequestContext> {
        let routes = RouteCollection(context: BasicRequestContext.self)
        routes.get("unmatched-jobs", use: unmatchedJobs)
        routes.get("active-jobs", use: activeJobs)
        routes.post("known-jobs", use: enter)
        routes.get("handover/:table", use: handover)
        routes.post("handover/complete", use: complete)
        return routes
    }

    @Sendable private func unmatchedJobs(
        _ request: Request, _ context: BasicRequestContext
    ) async throws -> some ResponseGenerator {
        let limit = try request.query("limit", default: 100, in: Self.pageSizes)
        return JSONResponse(try await store.unmatchedJobs(after: try after(request), limit: limit))
    }

    @Sendable private func activeJobs(
        _ request: Request, _ context: BasicRequestContext
    ) async throws -> some ResponseGenerator {
        let limit = try request.query("limit", default: 500, in: Self.pageSizes)
        return JSONResponse(try await store.activeJobs(after: try after(request), limit: limit))
    }

    @Sendable private func enter(
        _ request: Request, _ context: BasicRequestContext
    ) async throws -> some ResponseGenerator {
        let body = try await request.bytes(upTo: Self.largestBody)
        let found: [FoundJob]
        do throws(ContractViolation) {
            found = try FoundJob.list(body)
        } catch {
            throw APIError(error)
        }
        return JSONResponse(try await store.enter(found, worker: worker))
    }

    @Sendable private func handover(
        _ request: Request, _ context: BasicRequestContext
    ) async throws -> some ResponseGenerator {
        guard let table = context.pathPart("table").flatMap(HandoverTable.init) else {
            throw APIError(
                .notFound,
                "the table must be one of \(HandoverTable.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        let limit = try request.query("limit", default: 500, in: Self.pageSizes)
        return JSONResponse(try await store.handoverRows(of: table, after: try after(request), limit: limit))
    }

    @Sendable private func complete(
        _ request: Request, _ context: BasicRequestContext
    ) async throws -> some ResponseGenerator {
        try await store.completeHandover()
        return JSONResponse(["ok": true])
    }

    private func after(_ request: Request) throws -> Int64 {
        Int64(try request.query("after", default: 0, in: 0...Int.max))
    }
}

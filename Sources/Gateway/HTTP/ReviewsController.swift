import Contracts
import Foundation
import Hummingbird
import JobLedger
import ServiceKit

/// `/api/v1/reviews`: lists doubtful matches and takes decisions about them.
struct ReviewsController: Sendable {
    let store: JobStore
    let commands: ReviewCommands
    let maxBodyBytes: Int

    var endpoints: RouteCollection<BasicRequestContext> {
        let routes = RouteCollection(context: BasicRequestContext.self)
        routes.get(use: list)
        routes.get(":job_id", use: show)
        routes.post(":job_id/approve") { try await decide($0, $1, ReviewDecision.approval) }
        routes.post(":job_id/reject") { try await decide($0, $1, ReviewDecision.rejection) }
        routes.post(":job_id/search") { try await decide($0, $1, ReviewDecision.search) }
        return routes
    }

    @Sendable private func list(
        _ request: Request, _ context: BasicRequestContext
    ) async throws
        -> JSONResponse<ReviewPage>
    {
        let filter = try ReviewFilter(request)
        let (cases, total) = try await store.reviews(filter)
        return JSONResponse(
            ReviewPage(
                items: cases.map(ReviewSummary.init), total: total, limit: filter.limit, offset: filter.offset))
    }

    @Sendable private func show(
        _ request: Request, _ context: BasicRequestContext
    ) async throws
        -> JSONResponse<ReviewDetail>
    {
        guard let id = context.pathPart("job_id").flatMap({ JobID($0) }), let found = try await store.review(id) else {
            throw APIError(ReviewError.unknown)
        }
        return JSONResponse(ReviewDetail(reviewCase: found))
    }

    private func decide(
        _ request: Request, _ context: BasicRequestContext,
        _ read: (Data) throws(ContractViolation) -> ReviewDecision
    ) async throws -> JSONResponse<DecisionResponse> {
        let body = try await request.bytes(upTo: maxBodyBytes)
        do {
            let decision = try read(body)
            guard let id = context.pathPart("job_id").flatMap({ JobID($0) }) else { throw ReviewError.unknown }
            return JSONResponse(try await commands.decide(decision, on: id, by: request.client.name))
        } catch let error as ReviewError {
            throw APIError(error)
        } catch let error as JobError {
            throw APIError(.dependencyError, "the shared volume cannot be used: \(error.message)")
        } catch let violation as ContractViolation {
            throw APIError(violation)
        }
    }
}

extension APIError {
    fileprivate init(_ error: ReviewError) {
        switch error {
        case .unknown: self.init(.notFound, "this job has no review")
        case .invalid(let violation): self.init(violation)
        case .conflict(let reason): self.init(.conflict, reason)
        }
    }
}

extension ReviewFilter {
    /// Reads the query of a list: `status` (one or several, separated by commas, or `all`), `limit`, `offset`.
    /// - Throws: `APIError` that names the invalid parameter.
    fileprivate init(_ request: Request) throws {
        self.init()
        if let words = request.query("status") {
            statuses = words == "all" ? [] : try words.split(separator: ",").map { try Self.status($0, request) }
        }
        limit = try request.query("limit", default: 20, in: 1...100)
        offset = try request.query("offset", default: 0, in: 0...Int(Int32.max))
    }

    private static func status(_ word: Substring, _ request: Request) throws -> Review.Status {
        guard let status = Review.Status(rawValue: String(word)) else {
            let known = (Review.Status.allCases.map(\.rawValue) + ["all"]).joined(separator: ", ")
            throw request.invalidQuery("status", "must be one of \(known)")
        }
        return status
    }
}

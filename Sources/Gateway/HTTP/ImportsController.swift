import Contracts
import Foundation
import HTTPTypes
import Hummingbird
import Imports
import JobLedger
import Logging
import ServiceKit

/// `/api/v1/imports/free`: submits lists of tracks and links in common file formats.
struct ImportsController: Sendable {
    let intake: Intake
    let limits: ImportLimits
    let logger: Logger

    var endpoints: RouteCollection<BasicRequestContext> {
        let routes = RouteCollection(context: BasicRequestContext.self)
        routes.post("free", use: submitList)
        return routes
    }

    @Sendable private func submitList(
        _ request: Request, _ context: BasicRequestContext
    ) async throws
        -> JSONResponse<ImportResponse>
    {
        let body = try await request.bytes(upTo: limits.bodyBytes)
        let list = try list(request, body)
        let selection = ImportSelection(list, limits)
        guard !selection.items.isEmpty else { throw Self.nothing(in: selection) }
        let receipt = try await submit(try submission(selection.items, list, request), request.traceparent)
        let response = ImportResponse(receipt: receipt.response, selection: selection, limits: limits)
        return JSONResponse(response, status: selection.skipped.isEmpty ? .accepted : .init(code: 207))
    }

    private func list(_ request: Request, _ body: Data) throws(APIError) -> ImportList {
        do throws(ContractViolation) {
            return try ImportFormat(contentType: request.headers[.contentType], body).read(body)
        } catch {
            throw APIError(error)
        }
    }

    /// Builds the submission. Fields of the list take precedence over the query.
    private func submission(
        _ items: [SubmissionItem], _ list: ImportList, _ request: Request
    ) throws -> Submission {
        var submission = Submission(items: items)
        submission.requestedBy = list.requestedBy ?? request.query("requested_by")
        submission.batchID = try list.batchID ?? request.query("batch_id").map { try Self.batch($0, request) }
        submission.kind = try list.kind ?? request.query("kind").map { try Self.kind($0, request) }
        submission.priority = list.priority
        if submission.priority == nil, request.query("priority") != nil {
            submission.priority = try request.query("priority", default: 0, in: 0...9)
        }
        submission.force = list.force ?? (request.query("force") == "true" ? true : nil)
        return submission
    }

    private static func kind(_ word: String, _ request: Request) throws(APIError) -> JobKind {
        guard let kind = JobKind(rawValue: word) else {
            throw request.invalidQuery("kind", "must be manual, watchlist or backfill")
        }
        return kind
    }

    private static func batch(_ text: String, _ request: Request) throws(APIError) -> String {
        guard let id = JobID(text) else {
            throw request.invalidQuery("batch_id", "must be 1 to 64 letters, digits, '-' or '_'")
        }
        return id.text
    }

    private func submit(_ submission: Submission, _ trace: String?) async throws(APIError) -> AdmissionReceipt {
        do throws(IntakeError) {
            let receipt = try await intake.submit(submission, traceparent: trace)
            logger.accepted(receipt, over: "import")
            return receipt
        } catch {
            logger.rejected(error.response.error.message, over: "import")
            let body = error.response.error
            throw APIError(body.code, body.message, meta: body.meta)
        }
    }

    private static func nothing(in selection: ImportSelection) -> APIError {
        let skipped = try? selection.skipped.prefix(20).map { try JSONValue(encoding: $0) }
        return APIError(
            .validationError, "the list has no valid track or link",
            meta: ["skipped": .array(skipped ?? [])])
    }
}

/// The result of an import.
struct ImportResponse: Encodable, Sendable {
    let receipt: SubmissionResponse
    let selection: ImportSelection
    let limits: ImportLimits

    private enum CodingKeys: String, CodingKey {
        case ok, accepted, skipped, limits, error
    }

    private struct Accepted: Encodable {
        var links: Int
        var tracks: Int
    }

    private struct Partial: Encodable {
        var code = "PARTIAL_SUCCESS"
        var message: String
    }

    func encode(to encoder: any Encoder) throws {
        try receipt.encode(to: encoder)
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(true, forKey: .ok)
        try fields.encode(
            Accepted(links: selection.links, tracks: selection.items.count - selection.links), forKey: .accepted)
        try fields.encode(selection.skipped, forKey: .skipped)
        try fields.encode(limits, forKey: .limits)
        guard !selection.skipped.isEmpty else { return }
        try fields.encode(Partial(message: "entries that were skipped: \(selection.skipped.count)"), forKey: .error)
    }
}

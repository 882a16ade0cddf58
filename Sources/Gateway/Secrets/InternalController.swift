import Contracts
import Foundation
import HTTPTypes
import Hummingbird
import Metadata
import NIOPosix
import ServiceKit

/// `/api/v1/internal`: answers other services of HDM, and nobody else. Who asks shows that it has the secrets' key, and
/// who does not have it could not read the answer. API keys play no part.
struct InternalController: Sendable {
    let secrets: SecretStore
    let tokens: StoredTokens
    private static let maxBodyBytes = 4 << 10
    /// What other services need: not the app's secret, which only renews tokens.
    private static let lent: Set<SecretName> = [.slskdAPIKey]

    func add(to router: Router<BasicRequestContext>) {
        router.post(RouterPath(ChannelPath.token)) { request, _ in
            try await answer(request, ChannelPath.token) { (question: TokenRequest) in await token(question) }
        }
        router.post(RouterPath(ChannelPath.secret)) { request, _ in
            try await answer(request, ChannelPath.secret) { (question: SecretRequest) in await secret(question) }
        }
    }

    private func token(_ question: TokenRequest) async -> TokenReply {
        do {
            return TokenReply(try await tokens.token(for: question.access, refusing: question.refused))
        } catch {
            return TokenReply(CatalogueError(secrets: error))
        }
    }

    private func secret(_ question: SecretRequest) async -> SecretReply {
        guard Self.lent.contains(question.name) else { return SecretReply(problem: "is the gateway's own") }
        do {
            return SecretReply(value: try await secrets.value(question.name))
        } catch {
            return SecretReply(problem: "\(CatalogueError(secrets: error))")
        }
    }

    private func answer<Question: Decodable, Reply: Encodable>(
        _ request: Request, _ path: String, _ work: (Question) async -> Reply
    ) async throws -> JSONResponse<SealedReply> {
        let body = try await request.bytes(upTo: Self.maxBodyBytes)
        let (seal, key) = try await checked(request, path, body)
        let question: Question
        do throws(ContractViolation) {
            question = try ContractCoding.decode(Question.self, from: body)
        } catch {
            throw APIError(error)
        }
        let reply = try ContractCoding.encode(await work(question))
        return JSONResponse(SealedReply(sealed: try seal.sealed(reply, key: key)))
    }

    /// - Throws: `APIError` `.authRequired`, the same for every reason.
    private func checked(
        _ request: Request, _ path: String, _ body: Data
    ) async throws -> (ChannelSeal, SecretKey) {
        let refusal = APIError(.authRequired, "for services with the secrets' key alone")
        let header = { (name: String) in HTTPField.Name(name).flatMap { request.headers[$0] } }
        guard let seal = ChannelSeal(header) else { throw refusal }
        let keys = secrets.database.keys
        let key = try? await NIOThreadPool.singleton.runIfActive { try keys.keys().key(seal.keyID) }
        guard let key, seal.isValid(for: path, body, key: key, now: secrets.database.clock()) else { throw refusal }
        // Longer than it stays fresh on either side of the clock.
        guard try await secrets.database.spend(seal.nonce, "request", for: ChannelSeal.patience * 2 + .seconds(1))
        else {
            throw refusal
        }
        return (seal, key)
    }
}

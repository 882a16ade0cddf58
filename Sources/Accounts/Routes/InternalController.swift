import Contracts
import Files
import Foundation
import Hummingbird
import ServiceKit

/// `/api/v1/internal`: hands tokens and secrets to the other services.
///
/// A request is signed with the secrets' key, and the response is sealed with it. So a client without that key gets
/// nothing, whatever other keys it has.
struct InternalController: Sendable {
    let secrets: SecretStore
    let tokens: StoredTokens
    private static let maxBodyBytes = 4 << 10
    /// The secrets that other services need. The app's credentials are not among them: they only renew tokens.
    private static let shared: Set<SecretName> = [.slskdAPIKey]

    /// The routes, with complete paths.
    var endpoints: RouteCollection<BasicRequestContext> {
        let routes = RouteCollection(context: BasicRequestContext.self)
        routes.post(RouterPath(ChannelPath.token)) { request, _ in
            try await respond(to: request, ChannelPath.token) { (body: TokenRequest) in await token(body) }
        }
        routes.post(RouterPath(ChannelPath.secret)) { request, _ in
            try await respond(to: request, ChannelPath.secret) { (body: SecretRequest) in await secret(body) }
        }
        return routes
    }

    private func token(_ request: TokenRequest) async -> TokenReply {
        do {
            return TokenReply(try await tokens.token(for: request.access, refusing: request.refused))
        } catch {
            return TokenReply(TokenError(secrets: error))
        }
    }

    private func secret(_ request: SecretRequest) async -> SecretReply {
        guard Self.shared.contains(request.name) else { return SecretReply(problem: "is not shared with services") }
        do {
            return SecretReply(value: try await secrets.value(request.name))
        } catch {
            return SecretReply(problem: "\(TokenError(secrets: error))")
        }
    }

    private func respond<Body: Decodable, Reply: Encodable>(
        to request: Request, _ path: String, _ work: (Body) async -> Reply
    ) async throws -> JSONResponse<SealedReply> {
        let bytes = try await request.bytes(upTo: Self.maxBodyBytes)
        let (seal, key) = try await verifiedSeal(request, path, bytes)
        let body: Body
        do throws(ContractViolation) {
            body = try ContractCoding.decode(Body.self, from: bytes)
        } catch {
            throw APIError(error)
        }
        let reply = try ContractCoding.encode(await work(body))
        return JSONResponse(SealedReply(sealed: try seal.sealed(reply, key: key)))
    }

    /// - Throws: `APIError` `.authRequired`, with the same text for every reason.
    private func verifiedSeal(
        _ request: Request, _ path: String, _ body: Data
    ) async throws -> (ChannelSeal, SecretKey) {
        let refusal = APIError(.authRequired, "only services with the secrets' key may use this route")
        guard let seal = ChannelSeal(request.header) else { throw refusal }
        let keys = secrets.database.keys
        let key = try? await BlockingPool.smallFiles.run(within: .seconds(10)) { try keys.keys().key(seal.keyID) }
        guard let key, seal.isValid(for: path, body, key: key, now: secrets.database.clock()) else { throw refusal }
        // The nonce is stored for longer than the seal is valid before and after its time.
        guard try await secrets.database.spend(seal.nonce, "request", for: ChannelSeal.validity * 2 + .seconds(1))
        else {
            throw refusal
        }
        return (seal, key)
    }
}

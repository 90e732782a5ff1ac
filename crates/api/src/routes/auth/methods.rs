//! `GET /auth/methods`

use axum::Json;
use axum::extract::State;

use crate::dto::auth::AuthMethods;
use crate::problems::Always;
use crate::state::ApiState;

/// How people get in here.
#[utoipa::path(
    get,
    path = "/auth/methods",
    operation_id = "get_auth_methods",
    tag = "auth",
    security(()),
    responses((status = 200, description = "What there is.", body = AuthMethods), Always)
)]
pub(crate) async fn handler(State(state): State<ApiState>) -> Json<AuthMethods> {
    Json(AuthMethods {
        mail: state.mail.is_some(),
        provider: state.provider.as_ref().map(|provider| provider.name().to_owned()),
    })
}
